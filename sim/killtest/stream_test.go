//go:build unix

package killtest

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cutter stands between the program and a stream of events, and cuts it again and again
// while it strikes.
type cutter struct {
	url      string
	striking atomic.Bool
	cuts     atomic.Int64
}

// livesUpTo is how long a stream lives at most while it is struck.
const livesUpTo = 400 * time.Millisecond

func newCutter(t *testing.T, target string, seed uint64) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c, rng := &cutter{url: "http://" + l.Addr().String()}, rand.New(rand.NewPCG(seed, 11))
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(target, "http://"))
			if err != nil {
				_ = in.Close()
				continue
			}
			go c.carry(in, out, time.Duration(rng.Int64N(int64(livesUpTo))))
		}
	}()
	return c
}

// carry passes bytes both ways until one end has gone or the stream is cut.
func (c *cutter) carry(in, out net.Conn, lives time.Duration) {
	end := sync.OnceFunc(func() { _, _ = in.Close(), out.Close() })
	defer end()
	if c.striking.Load() {
		timer := time.AfterFunc(lives, func() {
			c.cuts.Add(1)
			end()
		})
		defer timer.Stop()
	}
	go func() {
		defer end()
		_, _ = io.Copy(out, in)
	}()
	_, _ = io.Copy(in, out)
}
