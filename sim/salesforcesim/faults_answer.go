package salesforcesim

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (f *Fault) write(w http.ResponseWriter) {
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	body := f.Body
	if body == "" {
		body = `[{"message":"The server is currently unavailable","errorCode":"SERVER_UNAVAILABLE"}]`
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (f *Fault) writeHTML(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	w.WriteHeader(max(f.Status, http.StatusOK))
	body := f.Body
	if body == "" {
		body = "<!doctype html><title>Maintenance</title><h1>We are down for maintenance</h1>"
	}
	_, _ = w.Write([]byte(body))
}

// late holds an answer back; a caller that does not wait gets none.
func (f *Fault) late(r *http.Request) {
	timer := time.NewTimer(f.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// uncompressed asks for an answer whose body can be read.
func uncompressed(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Del("Accept-Encoding")
	return r
}

// shelved keeps an answer back so that a fault can spoil it.
type shelved struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *shelved) Header() http.Header         { return s.header }
func (s *shelved) WriteHeader(status int)      { s.status = status }
func (s *shelved) Write(b []byte) (int, error) { return s.body.Write(b) }

// wrap puts a shelf before the real writer where the fault acts after the
// work; the returned function ends the request.
func (f *Fault) wrap(w http.ResponseWriter) (http.ResponseWriter, func(*http.Request)) {
	if f == nil || !slices.Contains(afterFaults, f.Do) {
		return w, func(*http.Request) {}
	}
	shelf := &shelved{header: http.Header{}, status: http.StatusOK}
	return shelf, func(r *http.Request) {
		switch f.Do {
		case "timeout_after":
			f.hang(r)
		case "status_after":
			f.write(w)
		case "html_after":
			f.writeHTML(w)
		case "reset":
			shelf.breakOff(w)
		case "slow_body":
			shelf.trickle(w, r, f.delay)
		case "header":
			shelf.whole(w, f.Header)
		case "big_body":
			shelf.body.Write(bytes.Repeat([]byte(" "), max(f.Size, 0)))
			shelf.whole(w, nil)
		case "rewrite":
			shelf.rewrite(f)
			shelf.whole(w, nil)
		case "delay_after":
			f.late(r)
			shelf.whole(w, nil)
		}
	}
}

// afterFaults act once the work is done, on its answer.
var afterFaults = []string{"timeout_after", "status_after", "html_after", "reset", "slow_body", "big_body", "header", "rewrite", "delay_after"}

// begin sends the head of the answer, with the length of the whole body.
func (s *shelved) begin(w http.ResponseWriter) {
	for k, v := range s.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(s.body.Len()))
	w.WriteHeader(s.status)
}

// send passes a piece of the body on at once.
func send(w http.ResponseWriter, piece []byte) {
	_, _ = w.Write(piece)
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
}

// breakOff sends half of the answer and drops the connection.
func (s *shelved) breakOff(w http.ResponseWriter) {
	s.begin(w)
	send(w, s.body.Bytes()[:s.body.Len()/2])
	panic(http.ErrAbortHandler)
}

// tricklePieces is in how many pieces a slow body arrives.
const tricklePieces = 20

// trickle sends the head at once and the body in pieces that take a time in
// all, until the caller leaves.
func (s *shelved) trickle(w http.ResponseWriter, r *http.Request, inAll time.Duration) {
	s.begin(w)
	send(w, nil)
	body := s.body.Bytes()
	tick := time.NewTicker(max(inAll/tricklePieces, 1))
	defer tick.Stop()
	for i := range tricklePieces {
		select {
		case <-tick.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		send(w, body[i*len(body)/tricklePieces:(i+1)*len(body)/tricklePieces])
	}
}

// rewrite replaces a part of the body.
func (s *shelved) rewrite(f *Fault) {
	body := f.find.ReplaceAll(s.body.Bytes(), []byte(f.Body))
	s.body = *bytes.NewBuffer(body)
}

// whole sends the answer with headers besides its own.
func (s *shelved) whole(w http.ResponseWriter, besides map[string]string) {
	for k, v := range besides {
		s.header.Set(k, v)
	}
	s.begin(w)
	send(w, s.body.Bytes())
}

// again gives a request that may be carried out twice: its body is kept.
func again(r *http.Request) (first, second *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		body = nil
	}
	first, second = r.Clone(r.Context()), r.Clone(r.Context())
	first.Body, second.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	return first, second
}
