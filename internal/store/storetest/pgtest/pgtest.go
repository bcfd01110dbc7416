//go:build unix

// Package pgtest runs a private PostgreSQL for tests: one cluster for a test
// binary, in a temporary folder, reachable by a Unix socket only, gone when the
// binary ends, however it ends.
//
// A test binary that uses it has a TestMain that calls Main. Where no PostgreSQL
// is installed the tests fail and say how to install it; setting
// TANDEM_SKIP_POSTGRES=1 skips them instead.
package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
)

// SkipVariable is the environment variable that skips PostgreSQL tests when it
// is 1.
const SkipVariable = "TANDEM_SKIP_POSTGRES"

const howToInstall = "PostgreSQL is not installed: run `apt-get install postgresql` (initdb and postgres must be in PATH or in " +
	"/usr/lib/postgresql/*/bin), or set " + SkipVariable + "=1 to do without these tests"

// startWithin bounds the wait for the server's first answer.
const startWithin = time.Minute

type cluster struct {
	dir  string
	bin  string
	as   *syscall.SysProcAttr
	hold io.WriteCloser // closing it ends the server
	done chan error
	db   *sql.DB
}

var (
	mu      sync.Mutex
	running *cluster
	failed  error // why the cluster did not start, so that it is tried once
	schemas int
	mainRan bool
)

// Main runs the tests and then stops the cluster, when one was started. Call it
// from TestMain and give its result to os.Exit.
func Main(m *testing.M) int {
	mainRan = true
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	if running == nil {
		return code
	}
	if err := running.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}

// Address is the address of a new, empty schema. It starts the cluster at the
// first call.
func Address(t testing.TB) string {
	t.Helper()
	if os.Getenv(SkipVariable) == "1" {
		t.Skip(SkipVariable + "=1: tests on PostgreSQL are skipped")
	}
	if !mainRan {
		t.Fatal("TestMain must call pgtest.Main, which stops the cluster")
	}
	mu.Lock()
	defer mu.Unlock()
	if running == nil && failed == nil {
		running, failed = start()
	}
	if failed != nil {
		t.Fatal(failed)
	}
	schemas++
	schema := "s" + strconv.Itoa(schemas)
	if _, err := running.db.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatalf("create schema: %v", err)
	}
	return running.address() + "&search_path=" + schema
}

// Backup takes a backup of a schema with pg_dump. restore puts it back with psql, in place
// of the schema as it is then.
func Backup(t testing.TB, address string) (restore func()) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	schema := u.Query().Get("search_path")
	tool := func(name string, in []byte, args ...string) []byte {
		t.Helper()
		var out, errs bytes.Buffer
		cmd := exec.Command(filepath.Join(running.bin, name), append([]string{"-h", running.dir, "-U", "tandem", "-d", "postgres"}, args...)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, &errs)
		}
		return out.Bytes()
	}
	dump := tool("pg_dump", nil, "--schema", schema)
	return func() {
		t.Helper()
		tool("psql", nil, "-q", "-v", "ON_ERROR_STOP=1", "-c", "DROP SCHEMA "+schema+" CASCADE")
		tool("psql", dump, "-q", "-v", "ON_ERROR_STOP=1")
	}
}

func (c *cluster) address() string {
	return "postgres:///postgres?user=tandem&host=" + c.dir
}

func (c *cluster) stop() error {
	if err := c.db.Close(); err != nil {
		return err
	}
	if err := c.hold.Close(); err != nil {
		return err
	}
	return <-c.done
}

func start() (*cluster, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	if err := initialize(bin, dir, as); err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, bin: bin, as: as, done: make(chan error, 1)}
	if err := c.serve(); err != nil {
		return nil, err
	}
	return c, c.ready()
}

// Server is a PostgreSQL of one test's own, which may stop and start it.
type Server struct{ c *cluster }

// Private starts a server that ends with the test.
func Private(t testing.TB) *Server {
	t.Helper()
	if os.Getenv(SkipVariable) == "1" {
		t.Skip(SkipVariable + "=1: tests on PostgreSQL are skipped")
	}
	c, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Error(err)
		}
	})
	return &Server{c}
}

// Address is the address of the server's database.
func (s *Server) Address() string { return s.c.address() }

// Stop ends the server and all its sessions, and keeps the data.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if _, err := io.WriteString(s.c.hold, "keep\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-s.c.done; err != nil {
		t.Fatalf("stop PostgreSQL: %v", err)
	}
}

// Start starts a server that was stopped.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	err := s.c.db.Close()
	if err == nil {
		err = s.c.serve()
	}
	if err == nil {
		err = s.c.ready()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// findBinaries is the folder of initdb and postgres.
func findBinaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("%s", howToInstall)
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// unprivileged gives the folder to another user when the tests run as root,
// which PostgreSQL refuses to run as.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("find a user to run PostgreSQL as, since it refuses root: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid) // numbers on every Unix
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, fmt.Errorf("give the cluster's folder to %s: %w", u.Username, err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func initialize(bin, dir string, as *syscall.SysProcAttr) error {
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "tandem", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	cmd.SysProcAttr, cmd.Dir = as, dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// serveScript holds the server to the life of this process: its standard input
// ends when the process does, however that happens. A line that it reads before keeps the
// data, for another server.
const serveScript = `"$@" >>server.log 2>&1 & server=$!
read -r keep
kill -INT $server; wait $server; [ -n "$keep" ] || rm -rf "$PWD"`

func (c *cluster) serve() error {
	cmd := exec.Command("/bin/sh", "-c", serveScript, "serve", filepath.Join(c.bin, "postgres"), "-D", filepath.Join(c.dir, "data"),
		"-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "max_connections=200", "-c", "deadlock_timeout=50ms", "-c", "shared_buffers=64MB", "-c", "autovacuum=off")
	cmd.SysProcAttr, cmd.Dir = c.as, c.dir
	hold, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	c.hold = hold
	go func() { c.done <- cmd.Wait() }()
	return nil
}

// ready waits for the first answer.
func (c *cluster) ready() (err error) {
	if c.db, err = sql.Open("pgx", c.address()); err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err = c.db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(c.dir, "server.log"))
			return fmt.Errorf("postgres does not answer: %w\n%s", err, log)
		}
	}
}
