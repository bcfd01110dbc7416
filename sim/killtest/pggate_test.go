//go:build unix

package killtest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// pgGate stands between the program and PostgreSQL. It loses the answers of commits at a
// rate, cuts sessions, and ends the program at a commit that it is told.
type pgGate struct {
	address string // of the store, through the gate
	socket  string

	mu    sync.Mutex
	rng   *rand.Rand
	rate  float64 // share of commits whose answer is lost with the session
	lost  int
	trap  *trap
	conns map[net.Conn]bool
}

// newPGGate leads to the store at an address of pgtest.
func newPGGate(t *testing.T, store string, seed uint64) *pgGate {
	t.Helper()
	to, err := url.Parse(store)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	q := to.Query()
	g := &pgGate{socket: filepath.Join(q.Get("host"), ".s.PGSQL.5432"), rng: rand.New(rand.NewPCG(seed, 9)), conns: map[net.Conn]bool{}}
	q.Del("host")
	q.Set("sslmode", "disable")
	g.address = (&url.URL{Scheme: "postgres", Host: l.Addr().String(), Path: to.Path, RawQuery: q.Encode()}).String()
	t.Cleanup(func() {
		_ = l.Close()
		g.cut()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.session(c)
		}
	}()
	return g
}

// strike sets the share of the commits whose answer is lost from now on.
func (g *pgGate) strike(rate float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rate = rate
}

func (g *pgGate) set(tr *trap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trap = tr
}

// cut ends all sessions without a word.
func (g *pgGate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		_ = c.Close()
	}
	clear(g.conns)
}

func (g *pgGate) keep(cs ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range cs {
		g.conns[c] = true
	}
}

func (g *pgGate) drop(cs ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range cs {
		_ = c.Close()
		delete(g.conns, c)
	}
}

// session carries one session. What the server says waits while a commit is held.
func (g *pgGate) session(in net.Conn) {
	out, err := net.Dial("unix", g.socket)
	if err != nil {
		_ = in.Close() // the server is down
		return
	}
	g.keep(in, out)
	defer g.drop(in, out)
	s := &pgSession{gate: g, in: in, out: out}
	go func() {
		_ = s.answers()
		g.drop(in, out)
	}()
	_ = s.asks()
}

type pgSession struct {
	gate    *pgGate
	in, out net.Conn
	mu      sync.Mutex
	after   func() // what happens instead of the next answer; nil for nothing
}

// asks passes messages to the server. The first one has no type.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
func (s *pgSession) asks() error {
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4]
		}
		if _, err := io.ReadFull(s.in, head); err != nil {
			return err
		}
		size := binary.BigEndian.Uint32(head[len(head)-4:])
		if size < 4 || size > 1<<28 {
			return errors.New("no message of PostgreSQL's")
		}
		body := make([]byte, size-4)
		if _, err := io.ReadFull(s.in, body); err != nil {
			return err
		}
		if head[0] == 'Q' && bytes.Equal(bytes.ToLower(bytes.TrimRight(body, "\x00")), []byte("commit")) && !s.commits() {
			return nil
		}
		if _, err := s.out.Write(slices.Concat(head, body)); err != nil {
			return err
		}
	}
}

// commits decides what happens at a commit, and reports that it is passed on.
func (s *pgSession) commits() bool {
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.trap != nil {
		if g.trap.n--; g.trap.n <= 0 {
			tr := g.trap
			g.trap = nil
			if tr.at == beforeSend {
				tr.kill()
				return false
			}
			s.instead(tr.kill)
			return true
		}
	}
	if g.rng.Float64() < g.rate {
		g.lost++
		if g.rng.IntN(2) == 0 {
			return false // and the session ends
		}
		s.instead(func() {})
	}
	return true
}

func (s *pgSession) instead(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = do
}

// answers passes what the server says, until something happens instead.
func (s *pgSession) answers() error {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.out.Read(buf)
		if err != nil {
			return err
		}
		s.mu.Lock()
		do := s.after
		s.mu.Unlock()
		if do != nil {
			do()
			return nil
		}
		if _, err := s.in.Write(buf[:n]); err != nil {
			return err
		}
	}
}
