package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
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
	r.sides = s
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
	sides *simulators
	kinds map[string]reading // by kind of page
}

// reading is what a kind of page took.
type reading struct {
	took  time.Duration // the median
	size  int
	calls int // the fewest to the vendors while it was read
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
	r := &reader{ctx: ctx, http: &http.Client{Jar: jar}, base: base, kinds: map[string]reading{}}
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
		if _, known := r.kinds[kind]; known {
			continue
		}
		page, err := r.often(kind, paths[0])
		if err != nil {
			return err
		}
		paths = append(paths, links(page)...)
	}
	return nil
}

// often reads a page several times and keeps what that took.
func (r *reader) often(kind, path string) (page string, err error) {
	var took []time.Duration
	fewest := math.MaxInt
	for range reads {
		before, err := r.calls()
		if err != nil {
			return "", err
		}
		rq, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.base.String()+path, nil)
		if err != nil {
			return "", err
		}
		var d time.Duration
		if d, page, err = r.ask(rq); err != nil {
			return "", err
		}
		after, err := r.calls()
		if err != nil {
			return "", err
		}
		took, fewest = append(took, d), min(fewest, after-before)
	}
	slices.Sort(took)
	r.kinds[kind] = reading{took: took[reads/2], size: len(page), calls: fewest}
	return page, nil
}

// calls are those that both vendors have answered.
func (r *reader) calls() (int, error) {
	both, err := r.sides.both()
	return both[0].Calls + both[1].Calls, err
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

// figures are the slowest pages of those that the store answers and, apart, of those that
// ask the vendors.
func (r *reader) figures(linked int) []figure {
	var own, asking []string
	for kind, k := range r.kinds {
		if k.calls == 0 {
			own = append(own, kind)
		} else {
			asking = append(asking, kind)
		}
	}
	rows := []figure{{fmt.Sprintf("console: kinds of pages read with %d linked pairs", linked), fmt.Sprintf("%d, of which %d ask the vendors", len(r.kinds), len(asking)), ""}}
	for _, kind := range r.slowest(own, 8) {
		k := r.kinds[kind]
		rows = append(rows, figure{"console: " + kind, fmt.Sprintf("%.1f ms, %d KiB", float64(k.took.Microseconds())/1000, k.size>>10), "≤ 100 ms"})
	}
	for _, kind := range r.slowest(asking, 4) {
		k := r.kinds[kind]
		rows = append(rows, figure{"console: " + kind, fmt.Sprintf("%.1f ms with %d calls", float64(k.took.Microseconds())/1000, k.calls), ""})
	}
	return rows
}

func (r *reader) slowest(kinds []string, n int) []string {
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Compare(r.kinds[b].took, r.kinds[a].took) })
	return kinds[:min(n, len(kinds))]
}

var listenPattern = regexp.MustCompile(`(?m)^listen: .*$`)

// anyPort lets the daemon take a free port.
func anyPort(text string) string {
	return listenPattern.ReplaceAllString(text, "listen: 127.0.0.1:0")
}
