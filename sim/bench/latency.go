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
	"slices"
	"strings"
	"syscall"
	"time"
)

// latency measures the time from an edit on one side until a reader of the other
// side sees it, with events and by polling alone.
func latency(ctx context.Context, o options) ([]figure, error) {
	var rows []figure
	for _, mode := range []string{"events", "polling alone"} {
		got, err := latencyOf(ctx, o, mode)
		rows = append(rows, got...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func latencyOf(ctx context.Context, o options, mode string) ([]figure, error) {
	edits := o.edits
	if mode != "events" {
		edits = min(edits, 5) // each takes about a minute
	}
	// Only some of the accounts are edited: all of them within an hour is what the
	// brake for changes halts.
	s, err := loaded(ctx, o, "latency-"+strings.Fields(mode)[0], 2*edits+20, false, "--limits", "on", "--hubspot-latency", hsDelay, "--salesforce-latency", sfDelay)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := rewrite(s.config, bothWays); err != nil {
		return nil, err
	}
	if mode != "events" {
		if err := rewrite(s.config, pollOnly); err != nil {
			return nil, err
		}
	}
	if _, err := s.verb(ctx, o, "import", "company"); err != nil {
		return nil, err
	}
	pairs, err := s.pairs(ctx, edits)
	if err != nil {
		return nil, err
	}
	_, stop, err := s.serve(ctx, o)
	if err != nil {
		return nil, err
	}
	defer stop()
	return s.edits(ctx, mode, pairs)
}

// rewrite changes a configuration.
func rewrite(path string, change func(string) string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(change(string(text))), 0o600)
}

// bothWays lets edits of HubSpot pass: the rule that is proposed keeps Salesforce's
// value.
func bothWays(text string) string {
	return strings.ReplaceAll(text, "rule: prefer_salesforce", "rule: two_way")
}

// pollOnly takes the feeds out of a configuration.
func pollOnly(text string) string {
	var out []string
	skip := 0
	for _, line := range strings.Split(text, "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch trimmed := strings.TrimSpace(line); {
		case skip > 0 && indent > skip:
			continue
		case strings.HasPrefix(trimmed, "events: cdc"):
			line = strings.Replace(line, "cdc", "poll", 1)
		case trimmed == "events:":
			skip = indent
			continue
		}
		skip = 0
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

type pair struct{ account, company string }

// pairs finds the company of each account by the property that Tandem fills.
func (s *simulators) pairs(ctx context.Context, n int) ([]pair, error) {
	var out []pair
	after := ""
	for len(out) < n {
		var page struct {
			Results []struct {
				ID         string            `json:"id"`
				Properties map[string]string `json:"properties"`
			} `json:"results"`
			Paging struct {
				Next struct {
					After string `json:"after"`
				} `json:"next"`
			} `json:"paging"`
		}
		if err := s.hubspot(ctx, http.MethodGet, "/crm/v3/objects/companies?limit=100&properties=salesforceaccountid&after="+after, nil, &page); err != nil {
			return nil, err
		}
		for _, r := range page.Results {
			if id := r.Properties["salesforceaccountid"]; id != "" {
				out = append(out, pair{id, r.ID})
			}
		}
		if after = page.Paging.Next.After; after == "" {
			break
		}
	}
	if len(out) < n {
		return nil, fmt.Errorf("only %d of %d companies are linked", len(out), n)
	}
	return out[:n], nil
}

// serving is where a daemon answers.
type serving struct{ Console, Welcome string }

// serve starts the daemon and waits until it is up.
func (s *simulators) serve(ctx context.Context, o options) (up serving, stop func(), err error) {
	cmd := exec.CommandContext(ctx, o.binary, "serve", "--config", s.config, "--json")
	cmd.Dir = filepath.Dir(s.config)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return up, nil, err
	}
	if err := cmd.Start(); err != nil {
		return up, nil, err
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, &up)
	}
	if err != nil {
		return up, nil, fmt.Errorf("serve said nothing: %w: %s", err, tail(errs.Bytes()))
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	timer := time.NewTimer(8 * time.Second) // the feeds are up
	defer timer.Stop()
	<-timer.C
	return up, func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }, nil
}

// edits changes each pair once on each side and times the other side.
func (s *simulators) edits(ctx context.Context, mode string, pairs []pair) ([]figure, error) {
	toHubSpot, toSalesforce := make([]time.Duration, 0, len(pairs)), make([]time.Duration, 0, len(pairs))
	deadline := 2 * time.Minute
	for i, p := range pairs {
		want := fmt.Sprintf("Name of %d", i)
		if err := s.salesforce(ctx, http.MethodPatch, "/services/data/v65.0/sobjects/Account/"+p.account, map[string]string{"Name": want}, nil); err != nil {
			return nil, err
		}
		d, err := poll(ctx, deadline, func() (bool, error) {
			var r struct{ Properties map[string]string }
			err := s.hubspot(ctx, http.MethodGet, "/crm/v3/objects/companies/"+p.company+"?properties=name", nil, &r)
			return r.Properties["name"] == want, err
		})
		if err != nil {
			return nil, fmt.Errorf("account %s to HubSpot: %w", p.account, err)
		}
		toHubSpot = append(toHubSpot, d)
		want += " again"
		if err := s.hubspot(ctx, http.MethodPatch, "/crm/v3/objects/companies/"+p.company, map[string]any{"properties": map[string]string{"name": want}}, nil); err != nil {
			return nil, err
		}
		d, err = poll(ctx, deadline, func() (bool, error) {
			var r struct{ Name string }
			err := s.salesforce(ctx, http.MethodGet, "/services/data/v65.0/sobjects/Account/"+p.account+"?fields=Name", nil, &r)
			return r.Name == want, err
		})
		if err != nil {
			return nil, fmt.Errorf("company %s to Salesforce: %w", p.company, err)
		}
		toSalesforce = append(toSalesforce, d)
	}
	goal := "≤ 1 s / 2 s"
	if mode != "events" {
		goal = "≤ 60 s"
	}
	return []figure{
		{mode + ": Salesforce edit → HubSpot, median / p95 of " + fmt.Sprint(len(pairs)), spread(toHubSpot), goal},
		{mode + ": HubSpot edit → Salesforce, median / p95", spread(toSalesforce), goal},
	}, nil
}

func spread(ds []time.Duration) string {
	slices.Sort(ds)
	return fmt.Sprintf("%.2f s / %.2f s", ds[len(ds)/2].Seconds(), ds[len(ds)*95/100].Seconds())
}

func (s *simulators) salesforce(ctx context.Context, method, path string, in, out any) error {
	return call(ctx, method, s.Salesforce.URL+path, s.Salesforce.AdminToken, in, out)
}

func (s *simulators) hubspot(ctx context.Context, method, path string, in, out any) error {
	return call(ctx, method, s.HubSpot.URL+path, s.HubSpot.AdminToken, in, out)
}

func call(ctx context.Context, method, url, token string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, b)
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, out)
}

// storeSize is the size of the SQLite file beside the configuration.
func (s *simulators) storeSize() int64 {
	var n int64
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(s.config), "*.db*"))
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			n += st.Size()
		}
	}
	return n
}
