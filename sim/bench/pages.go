package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// pages is how long the console takes for each of its pages where many records are linked.
func pages(ctx context.Context, o options) ([]figure, error) {
	s, err := loaded(ctx, o, "pages", o.linked, false, "--limits", "off")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := rewrite(s.config, anyPort); err != nil {
		return nil, err
	}
	if _, err := s.verb(ctx, o, "import", "company"); err != nil {
		return nil, err
	}
	up, stop, err := s.serve(ctx, o)
	if err != nil {
		return nil, err
	}
	defer stop()
	r, err := signIn(ctx, up)
	if err != nil {
		return nil, err
	}
	one, err := s.pairs(ctx, 1)
	if err != nil {
		return nil, err
	}
	if err := r.read("/", "/c/"+connection+"/records/company/"+one[0].account, "/c/"+connection+"/records?q="+one[0].company); err != nil {
		return nil, err
	}
	return r.figures(o.linked), nil
}

// connection is what tandem simulate calls the one that it writes.
const connection = "simulated"

// reader is somebody who reads all of the console.
type reader struct {
	ctx   context.Context
	http  *http.Client
	base  *url.URL
	times map[string]time.Duration // the median of a kind of page
	sizes map[string]int
}

// signIn makes the first account.
func signIn(ctx context.Context, up serving) (*reader, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(up.Console)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, http: &http.Client{Jar: jar}, base: base, times: map[string]time.Duration{}, sizes: map[string]int{}}
	form := url.Values{"name": {"ada"}, "password": {"a horse that eats staples"}}
	rq, err := http.NewRequestWithContext(ctx, http.MethodPost, up.Welcome, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	rq.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, _, err = r.ask(rq)
	return r, err
}

// reads is how often each page is asked for.
const reads = 7

// read asks for pages and for all that they link to, one of each kind.
func (r *reader) read(paths ...string) error {
	for ; len(paths) > 0; paths = paths[1:] {
		kind := kindOf(paths[0])
		if _, known := r.times[kind]; known {
			continue
		}
		var took []time.Duration
		var page string
		for range reads {
			rq, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.base.String()+paths[0], nil)
			if err != nil {
				return err
			}
			d, text, err := r.ask(rq)
			if err != nil {
				return err
			}
			took, page = append(took, d), text
		}
		slices.Sort(took)
		r.times[kind], r.sizes[kind] = took[reads/2], len(page)
		paths = append(paths, links(page)...)
	}
	return nil
}

func (r *reader) ask(rq *http.Request) (time.Duration, string, error) {
	began := time.Now()
	res, err := r.http.Do(rq)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", rq.Method, rq.URL.Path, res.Status)
	}
	return time.Since(began), string(text), err
}

var (
	linkPattern  = regexp.MustCompile(`<a [^>]*href="(/[^"#]*)`)
	valuePattern = regexp.MustCompile(`=[^&]*`)
	idPattern    = regexp.MustCompile(`/(?:[0-9]+|00[0-9A-Za-z]{13,16})(?:/|$)`)
)

// links are what a page links to, but for documents that are not about this store.
func links(page string) (out []string) {
	for _, m := range linkPattern.FindAllStringSubmatch(page, -1) {
		if to := strings.ReplaceAll(m[1], "&amp;", "&"); !strings.HasPrefix(to, "/api/") && !strings.HasPrefix(to, "/assets/") {
			out = append(out, to)
		}
	}
	return out
}

// kindOf is a path without the ids and values that tell pages of a kind apart.
func kindOf(path string) string {
	path, query, _ := strings.Cut(path, "?")
	path = idPattern.ReplaceAllString(path, "/…/")
	if query != "" {
		path += "?" + valuePattern.ReplaceAllString(query, "=…")
	}
	return path
}

// figures are the slowest pages and all of them together.
func (r *reader) figures(linked int) []figure {
	kinds := make([]string, 0, len(r.times))
	for k := range r.times {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b string) int { return int(r.times[b] - r.times[a]) })
	rows := []figure{{fmt.Sprintf("console: kinds of pages read with %d linked pairs", linked), fmt.Sprint(len(kinds)), ""}}
	for _, k := range kinds[:min(len(kinds), 6)] {
		rows = append(rows, figure{"console: " + k, fmt.Sprintf("%.1f ms, %d KiB", float64(r.times[k].Microseconds())/1000, r.sizes[k]>>10), "≤ 100 ms"})
	}
	return rows
}

var listenPattern = regexp.MustCompile(`(?m)^listen: .*$`)

// anyPort lets the daemon take a free port.
func anyPort(text string) string {
	return listenPattern.ReplaceAllString(text, "listen: 127.0.0.1:0")
}
