package salesforce

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/sim/salesforcesim"
)

// world is an org that is served on loopback, as tandem simulate serves it.
type world struct {
	t    *testing.T
	org  *salesforcesim.Org
	info salesforcesim.Info
	url  string
	key  string // PEM of the private key that the integration's app trusts
	env  map[string]string
}

// serve starts an org. The options may be changed before it starts.
func serve(t *testing.T, change ...func(*salesforcesim.Options)) *world {
	t.Helper()
	key, certificate := appKey(t)
	opt := salesforcesim.Options{Seed: 3, BulkDelay: time.Millisecond, JWTCertificate: certificate}
	for _, c := range change {
		c(&opt)
	}
	org := salesforcesim.New(opt)
	server := httptest.NewUnstartedServer(org)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	w := &world{t: t, org: org, info: org.Info(), url: server.URL, key: key}
	w.env = map[string]string{"ORG_URL": w.url, "ORG_ID": w.info.OrgID, "ADMIN_TOKEN": w.info.AdminToken, "ADMIN": w.info.AdminUsername,
		"CLIENT_ID": w.info.IntegrationClientID, "CLIENT_SECRET": w.info.IntegrationClientSecret, "USERNAME": w.info.IntegrationUsername}
	w.field("Account", "Ext__c", true)
	w.field("Account", "Loose__c", false)
	return w
}

// field adds an external id field; a loose one may stand on several records.
func (w *world) field(object, name string, unique bool) {
	w.t.Helper()
	err := w.org.AddField(salesforcesim.FieldSpec{Object: object, Name: name, Label: name, Type: "Text", Length: 40, ExternalID: true, Unique: unique})
	if err != nil {
		w.t.Fatal(err)
	}
}

// make creates a record as the administrator.
func (w *world) make(object string, fields map[string]any) string {
	w.t.Helper()
	id, err := w.org.As("admin").Create(object, fields)
	if err != nil {
		w.t.Fatalf("create %s: %v", object, err)
	}
	return id
}

// value is what a field of a live record holds, as the administrator sees it.
func (w *world) value(object, id, field string) any {
	w.t.Helper()
	r := w.org.As("admin").Get(object, id)
	if r == nil {
		w.t.Fatalf("%s %s is not there", object, id)
	}
	return r[field]
}

func (w *world) want(object, id, field string, want any) {
	w.t.Helper()
	if got := w.value(object, id, field); got != want {
		w.t.Errorf("%s.%s of %s is %v, want %v", object, field, id, got, want)
	}
}

func (w *world) gone(object, id string) {
	w.t.Helper()
	if r := w.org.As("admin").Get(object, id); r != nil {
		w.t.Errorf("%s %s is still there", object, id)
	}
}

// count is how many live records a query finds.
func (w *world) count(soql string) int {
	w.t.Helper()
	rows, err := w.org.As("admin").Query(soql)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(rows)
}

func (w *world) wantCount(want int, soql string) {
	w.t.Helper()
	if got := w.count(soql); got != want {
		w.t.Errorf("%s finds %d, want %d", soql, got, want)
	}
}

// appKey is the key of the app that uses the JWT bearer flow, private and
// public, as PEM.
func appKey(t *testing.T) (private, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub}))
}

// write puts a text into a file of the test's own.
func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// bus serves the Pub/Sub API over TLS on a port of its own, under a
// certificate that nobody trusts who is not told to.
func (w *world) bus() (endpoint string) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	now := time.Now()
	like := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, like, like, &key.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{Handler: w.org, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	w.t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return "localhost:" + port
}
