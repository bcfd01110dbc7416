package salesforcesim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// answer is a response before it is written: subrequests of a composite are
// answered the same way as requests of their own.
type answer struct {
	status int
	header map[string]string
	typ    string // content type, JSON when empty
	body   []byte
	partly bool // the status is that of success, but rows of the body failed
}

// call is one API request, or one subrequest of a composite.
type call struct {
	o       *Org
	r       *http.Request // the request that carries it
	method  string
	version string   // "65.0"
	seg     []string // path below /services/data/vXX.X
	rawSeg  []string // the same before unescaping, for links
	query   url.Values
	header  http.Header
	body    []byte
	by      actor
	tx      *tx // the transaction of an all-or-none composite
	nested  bool
}

// ServeHTTP answers everything the org serves: OAuth, the REST family, the
// Pub/Sub API over HTTP/2, the /_sim interface and the pages for people.
func (o *Org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		o.grpc.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Date", o.now().UTC().Format(http.TimeFormat))
	clean := path.Clean("/" + r.URL.Path)
	if strings.HasPrefix(clean, "/_sim/") {
		o.serveSim(w, r, strings.TrimPrefix(clean, "/_sim/"))
		return
	}
	f := o.faults.match(r.Method, clean, o.now())
	if !o.pause(r, o.options().Latency, strings.HasPrefix(clean, "/services/")) || !o.faultBefore(w, r, f) {
		return
	}
	if f != nil && f.Do == "repeat" && r.Body != nil {
		var first *http.Request
		first, r = again(r)
		o.route(&shelved{header: http.Header{}}, first, clean)
	}
	if f != nil && (f.Do == "rewrite" || f.Do == "big_body") {
		r = uncompressed(r)
	}
	w, done := f.wrap(w)
	o.route(w, r, clean)
	done(r)
}

func (o *Org) route(w http.ResponseWriter, r *http.Request, clean string) {
	switch {
	case strings.HasPrefix(clean, "/services/oauth2/"):
		o.calls.count(r.Method+" "+clean, "")
		o.serveOAuth(w, r, strings.TrimPrefix(clean, "/services/oauth2/"))
	case clean == "/.well-known/openid-configuration":
		o.serveDiscovery(w, r)
	case strings.HasPrefix(clean, "/id/"):
		o.serveIdentity(w, r, false)
	case clean == "/services/data":
		writeJSON(w, http.StatusOK, versions())
	case strings.HasPrefix(clean, "/services/data/"):
		o.serveData(w, r, strings.TrimPrefix(clean, "/services/data/"))
	case strings.HasPrefix(clean, "/services/Soap/u/"):
		o.serveSOAP(w, r, strings.TrimPrefix(clean, "/services/Soap/u/"))
	case strings.HasPrefix(clean, "/services/"):
		writeAnswer(w, r, refusal(notFound()))
	default:
		o.servePage(w, r, clean)
	}
}

func (o *Org) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := baseURL(r) + "/services/oauth2/"
	writeJSON(w, http.StatusOK, map[string]any{"issuer": baseURL(r), "authorization_endpoint": base + "authorize", "token_endpoint": base + "token",
		"revocation_endpoint": base + "revoke", "introspection_endpoint": base + "introspect", "userinfo_endpoint": base + "userinfo",
		"scopes_supported": []string{"api", "refresh_token", "openid", "full"}, "response_types_supported": []string{"code"}})
}

// pause adds the network's latency; it reports false when the caller gave up.
func (o *Org) pause(r *http.Request, d time.Duration, applies bool) bool {
	if d <= 0 || !applies {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// maxURI is the length of the address beyond which the org answers 414, and 431
// where the headers make it longer (REST API Developer Guide, "Status Codes and
// Error Responses").
const maxURI = 16384

func headerSize(h http.Header) (n int) {
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(": ") + len(v) + len("\r\n")
		}
	}
	return n
}

// maxBody bounds any request: the largest legal one is a bulk upload.
const maxBody = 160 << 20

// serveData answers one REST request.
func (o *Org) serveData(w http.ResponseWriter, r *http.Request, rest string) {
	if len(r.RequestURI) > maxURI || len(r.URL.RequestURI()) > maxURI {
		http.Error(w, "URI Too Long", http.StatusRequestURITooLong)
		return
	}
	if len(r.URL.RequestURI())+headerSize(r.Header) > maxURI {
		http.Error(w, "Request Header Fields Too Large", http.StatusRequestHeaderFieldsTooLarge)
		return
	}
	version, _, _ := strings.Cut(rest, "/")
	c := &call{o: o, r: r, method: r.Method, query: r.URL.Query(), header: r.Header, version: strings.TrimPrefix(version, "v")}
	c.setPath(r.URL.EscapedPath())
	if a := o.admit(c, version); a != nil {
		writeAnswer(w, r, a)
		return
	}
	body, err := readBody(r)
	if err != nil {
		writeAnswer(w, r, refusal(refuse("JSON_PARSER_ERROR", err.Error())))
		return
	}
	c.body = body
	leave, ok := o.calls.enter(o.now(), *o.options())
	w.Header().Set("Sforce-Limit-Info", o.calls.info(o.now(), o.options().DailyAPICalls))
	if !ok {
		writeAnswer(w, r, refusal(refuse("REQUEST_LIMIT_EXCEEDED", leave.why)))
		return
	}
	defer leave.done()
	o.upkeep()
	writeAnswer(w, r, o.dispatch(c))
}

// setPath takes the segments below the version out of an escaped path; empty
// ones, from double or trailing slashes, are dropped.
func (c *call) setPath(escaped string) {
	c.seg, c.rawSeg = nil, nil
	_, below, _ := strings.Cut(strings.TrimLeft(escaped, "/"), "data/")
	for i, s := range strings.FieldsFunc(below, func(r rune) bool { return r == '/' }) {
		if i == 0 {
			continue
		}
		plain, err := url.PathUnescape(s)
		if err != nil {
			plain = s
		}
		c.seg, c.rawSeg = append(c.seg, plain), append(c.rawSeg, s)
	}
}

// admit authenticates a request and counts it.
func (o *Org) admit(c *call, version string) *answer {
	o.calls.count(c.method+" "+c.endpoint(), "")
	if errs := checkVersion(version); errs != nil {
		return refusal(errs)
	}
	if authorization := c.r.Header.Get("Authorization"); authorization != "" && bearer(c.r) == "" {
		return refusal(refuse("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"))
	}
	s := o.auth.use(bearer(c.r))
	if s == nil {
		return refusal(refuse("INVALID_SESSION_ID", "Session expired or invalid"))
	}
	o.mu.RLock()
	user := o.find(s.userID)
	valid := user != nil && user.named("IsActive").Bool() && o.accessOf(s.userID).system[permAPI]
	name := o.username(s.userID)
	o.mu.RUnlock()
	if !valid {
		return refusal(refuse("INVALID_SESSION_ID", "Session expired or invalid"))
	}
	if !o.apiEnabled() {
		return refusal(refuse("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."))
	}
	c.by = actorOf(c.header, s.userID, "rest/"+c.version)
	o.calls.client(c.by.client, name)
	return nil
}

// actorOf reads the headers that say how a write is to be done.
func actorOf(h http.Header, userID, api string) actor {
	a := actor{userID: userID, origin: "com/salesforce/api/" + api}
	for _, part := range strings.FieldsFunc(h.Get("Sforce-Call-Options"), func(r rune) bool { return r == ';' || r == ',' }) {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(strings.TrimSpace(k), "client") {
			a.client = strings.TrimSpace(v)
		}
	}
	a.noAssign = strings.EqualFold(strings.TrimSpace(h.Get("Sforce-Auto-Assign")), "false")
	rules := strings.ToLower(strings.ReplaceAll(h.Get("Sforce-Duplicate-Rule-Header"), " ", ""))
	a.allowAlert = strings.Contains(rules, "allowsave=true")
	return a
}

// readBody reads and, if need be, unzips a request body.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	var src io.Reader = http.MaxBytesReader(nil, r.Body, maxBody)
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		zipped, err := gzip.NewReader(src)
		if errors.Is(err, io.EOF) {
			return nil, nil // nothing was sent, so nothing was compressed
		}
		if err != nil {
			return nil, errors.New("the body is not gzip as its header says")
		}
		src = io.LimitReader(zipped, maxBody)
	}
	body, err := io.ReadAll(src)
	if err != nil {
		return nil, errors.New("the body cannot be read")
	}
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil
}

// gzipAbove is the size from which answers are worth compressing.
const gzipAbove = 4096

var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	return z
}}

func writeAnswer(w http.ResponseWriter, r *http.Request, a *answer) {
	h := w.Header()
	for k, v := range a.header {
		h.Set(k, v)
	}
	if len(a.body) == 0 || r.Method == http.MethodHead {
		w.WriteHeader(a.status)
		return
	}
	if a.typ == "" {
		a.typ = "application/json;charset=UTF-8"
	}
	h.Set("Content-Type", a.typ)
	if len(a.body) > gzipAbove && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		w.WriteHeader(a.status)
		z := zippers.Get().(*gzip.Writer)
		z.Reset(w)
		_, _ = z.Write(a.body)
		_ = z.Close()
		zippers.Put(z)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// refusal renders errors in the shape of all resources but collections: an
// array of message, errorCode and, where known, fields.
func refusal(errs rowErrors) *answer {
	return &answer{status: errs.status(), body: appendRefusal(nil, errs)}
}

func appendRefusal(dst []byte, errs rowErrors) []byte {
	dst = append(dst, '[')
	for i, e := range errs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		if e.dup != nil {
			dst = append(append(dst, e.dup.detail...), ',')
		}
		dst = appendString(append(dst, `"message":`...), e.message)
		dst = appendString(append(dst, `,"errorCode":`...), e.code)
		if e.fields != nil {
			dst = appendStrings(append(dst, `,"fields":`...), e.fields)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, s)
	}
	return append(dst, ']')
}

func jsonAnswer(status int, body []byte) *answer { return &answer{status: status, body: body} }

// marshalled renders a body that is not worth a hand-written encoder.
func marshalled(status int, body any) *answer {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return refusal(refuse("UNKNOWN_EXCEPTION", err.Error()))
	}
	return jsonAnswer(status, bytes.TrimRight(buf.Bytes(), "\n"))
}
