// Package simtest runs the whole engine against both simulators in one process:
// the real connectors over the real wire protocols, without sockets. Tests judge
// the engine by the simulators' records and ledgers, never by what it says.
package simtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// errReset is what a client sees of a connection that the server dropped.
var errReset = errors.New("connection reset by peer")

// Transport serves requests by a handler in this process.
func Transport(h http.Handler) http.RoundTripper { return handlerTransport{h} }

type handlerTransport struct{ h http.Handler }

func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	if r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{} // the handler names itself as it was addressed
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	done := make(chan *http.Response, 1)
	go func() { done <- serve(t.h, in) }()
	select {
	case resp := <-done:
		if resp == nil {
			return nil, errReset
		}
		resp.Request = r
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// serve answers a request; nil stands for a handler that dropped the connection.
func serve(h http.Handler, r *http.Request) (resp *http.Response) {
	w := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			resp = nil
		}
	}()
	h.ServeHTTP(w, r)
	body := w.Body.Bytes()
	resp = w.Result()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}
