package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// post is an SMTP server on loopback that keeps what it is given.
type post struct {
	t        *testing.T
	l        net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool
	starttls bool   // offers STARTTLS
	signIn   string // user:password that it takes; blank offers no sign-in
	refuse   string // recipient that it refuses
	silent   bool   // never answers
	got      chan delivery
}

type delivery struct {
	secure   bool
	signedIn bool
	from     string
	to       []string
	text     string
}

func newPost(t *testing.T, change func(*post)) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &post{t: t, l: l, got: make(chan delivery, 1)}
	p.cert, p.roots = certificate(t)
	change(p)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(conn)
		}
	}()
	return p
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func (p *post) server() Server { return Server{Address: p.l.Addr().String(), Roots: p.roots} }

func (p *post) talk(conn net.Conn) {
	defer conn.Close()
	if p.silent {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	var d delivery
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 post")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			say("250-post")
			if p.starttls && !d.secure {
				say("250-STARTTLS")
			}
			if p.signIn != "" {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			secured := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{p.cert}})
			if secured.Handshake() != nil {
				return
			}
			conn, in, d.secure = secured, bufio.NewReader(secured), true
		case "AUTH":
			raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			if d.signedIn = strings.TrimPrefix(strings.ReplaceAll(string(raw), "\x00", ":"), ":") == p.signIn; !d.signedIn {
				say("535 5.7.8 no such user")
				continue
			}
			say("235 welcome")
		case "RCPT":
			if p.refuse != "" && strings.Contains(rest, p.refuse) {
				say("550 5.1.1 nobody of that name here")
				continue
			}
			d.to = append(d.to, rest)
			say("250 ok")
		case "MAIL":
			d.from = rest
			say("250 ok")
		case "DATA":
			say("354 go on")
			d.text = readData(in)
			say("250 taken")
			p.got <- d
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func readData(in *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String()
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

func message() Message {
	return Message{From: "Tandem <tandem@acme.example>", To: []string{"Ada <ada@acme.example>", "bo@acme.example"}, Subject: "Größe\nX-Evil: 1", Text: "Grüße an Ada\n.\nEnde\n",
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), ID: "one"}
}

func TestMailArrivesWhole(t *testing.T) {
	p := newPost(t, func(p *post) { p.starttls, p.signIn = true, "me:secret" })
	s := p.server()
	s.Username, s.Password = "me", "secret"
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	d := <-p.got
	if !d.secure || !d.signedIn || !strings.Contains(d.from, "<tandem@acme.example>") || len(d.to) != 2 {
		t.Errorf("delivered %+v", d)
	}
	m, err := mail.ReadMessage(strings.NewReader(d.text))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("X-Evil") != "" || m.Header.Get("Message-Id") != "<one@acme.example>" || m.Header.Get("Date") != "Fri, 02 Jan 2026 03:04:05 +0000" {
		t.Errorf("headers %v", m.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != "Grüße an Ada\n.\nEnde\n" {
		t.Errorf("body %q, %v", body, err)
	}
}

func TestMailGoesWithoutTLSWhereNoneIsOffered(t *testing.T) {
	p := newPost(t, func(*post) {})
	if err := p.server().Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if d := <-p.got; d.secure {
		t.Error("secured without an offer")
	}
}

func TestFailuresHaveCodesAndMends(t *testing.T) {
	closed := newPost(t, func(*post) {})
	_ = closed.l.Close()
	for _, tt := range []struct {
		name   string
		server func() Server
		code   string
	}{
		{"nobody there", closed.server, CodeUnreachable},
		{"silent", func() Server {
			s := newPost(t, func(p *post) { p.silent = true }).server()
			s.Timeout = 50 * time.Millisecond
			return s
		}, CodeUnreachable},
		{"not trusted", func() Server {
			s := newPost(t, func(p *post) { p.starttls = true }).server()
			s.Roots = x509.NewCertPool()
			return s
		}, CodeTLS},
		{"TLS required", func() Server {
			s := newPost(t, func(*post) {}).server()
			s.TLS = TLSRequired
			return s
		}, CodeTLS},
		{"implicit TLS on a plain port", func() Server {
			s := newPost(t, func(*post) {}).server()
			s.TLS = TLSImplicit
			return s
		}, CodeTLS},
		{"wrong password", func() Server {
			s := newPost(t, func(p *post) { p.starttls, p.signIn = true, "me:secret" }).server()
			s.Username, s.Password = "me", "hunter2"
			return s
		}, CodeSignIn},
		{"no sign-in offered", func() Server {
			s := newPost(t, func(*post) {}).server()
			s.Username, s.Password = "me", "hunter2"
			return s
		}, CodeSignIn},
		{"recipient refused", newPost(t, func(p *post) { p.refuse = "bo@" }).server, CodeRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.server().Send(t.Context(), message())
			var e *Error
			if !errors.As(err, &e) || e.Code != tt.code || e.Mend == "" || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want %s", err, tt.code)
			}
		})
	}
}

func TestWrongAddressesAreRefusedBeforeAnythingIsSent(t *testing.T) {
	p := newPost(t, func(*post) {})
	m := message()
	m.To = []string{"ada@acme.example\r\nRCPT TO:<eve@evil.example>"}
	var e *Error
	if err := p.server().Send(t.Context(), m); !errors.As(err, &e) || e.Code != CodeRefused {
		t.Errorf("error %v", err)
	}
}

func TestProbeSendsNothing(t *testing.T) {
	p := newPost(t, func(p *post) { p.starttls = true })
	if err := p.server().Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case d := <-p.got:
		t.Errorf("sent %+v", d)
	default:
	}
}

func TestCancelledContextEndsASession(t *testing.T) {
	p := newPost(t, func(p *post) { p.silent = true })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	began := time.Now()
	if err := p.server().Send(ctx, message()); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("error %v after %s", err, time.Since(began))
	}
}
