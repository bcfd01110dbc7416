package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// simulators is a running tandem simulate.
type simulators struct {
	cmd        *exec.Cmd
	config     string
	Salesforce struct {
		URL        string `json:"url"`
		AdminToken string `json:"admin_token"`
	} `json:"salesforce"`
	HubSpot struct {
		URL        string `json:"url"`
		AdminToken string `json:"admin_token"`
	} `json:"hubspot"`
}

// start runs the simulators and waits for their first line.
func start(ctx context.Context, o options, name string, flags ...string) (*simulators, error) {
	dir := filepath.Join(o.work, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	s := &simulators{config: filepath.Join(dir, "tandem.yaml")}
	args := append([]string{"simulate", "--json", "--write-config", s.config}, flags...)
	s.cmd = exec.CommandContext(ctx, o.binary, args...)
	s.cmd.Dir, s.cmd.Stderr = dir, os.Stderr
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("simulate said nothing: %w", err)
	}
	return s, json.Unmarshal(line, s)
}

// stop ends the simulators.
func (s *simulators) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// measured is one run of a verb as the operating system saw it.
type measured struct {
	wall, cpu time.Duration
	memory    int64 // bytes, peak
	line      map[string]any
	out       []byte
}

// verb runs tandem with the simulators' configuration and measures the process.
func (s *simulators) verb(ctx context.Context, o options, args ...string) (measured, error) {
	cmd := exec.CommandContext(ctx, o.binary, append(args, "--config", s.config, "--json")...)
	cmd.Dir = filepath.Dir(s.config)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	err := cmd.Run()
	m := measured{wall: time.Since(began), out: out.Bytes()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.memory = u.Maxrss * 1024
		m.cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	if err != nil {
		return m, fmt.Errorf("tandem %v: %w: %s%s", args, err, tail(out.Bytes()), tail(errs.Bytes()))
	}
	said := bytes.TrimSpace(out.Bytes())
	if len(said) == 0 {
		return m, nil // a list without entries
	}
	lines := bytes.Split(said, []byte("\n"))
	return m, json.Unmarshal(lines[len(lines)-1], &m.line)
}

func tail(b []byte) []byte {
	return b[max(0, len(b)-2000):]
}

// stats is what a simulator counted.
type stats struct {
	Calls    int            `json:"calls"`
	Rejected int            `json:"rejected_by_limit"`
	By       map[string]int `json:"by_endpoint"`
}

func (s *simulators) stats(url string) (st stats, err error) {
	resp, err := http.Get(url + "/_sim/stats")
	if err != nil {
		return st, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(b, &st)
}
