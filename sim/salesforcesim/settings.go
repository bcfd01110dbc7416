package salesforcesim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// Settings change what kind of org this is while it runs; what is absent stays.
type Settings struct {
	Edition             *string `json:"edition"` // Organization.OrganizationType; those without API refuse it
	Sandbox             *bool   `json:"sandbox"`
	Latency             *string `json:"latency"` // added to every answer of the API, "80ms"
	Limits              *bool   `json:"limits"`
	DailyAPICalls       *int    `json:"daily_api_calls"`
	AccessTokenTTL      *string `json:"access_token_ttl"` // of sessions that are opened or used from now on
	BulkDelay           *string `json:"bulk_delay"`       // how long a bulk job waits in each state, from the next one on
	PasswordLogins      *bool   `json:"password_logins"`
	ReplicationLag      *string `json:"replication_lag"` // how far latestDateCovered stays behind
	RefuseFutureWindows *bool   `json:"refuse_future_windows"`
	RotateRefreshTokens *bool   `json:"rotate_refresh_tokens"` // of the integration's app
}

// editions are the values of Organization.OrganizationType that an org can have
// (Object Reference, "Organization"), and the name by which people know one.
var editions = []string{"Team Edition", "Group Edition", "Professional Edition", "Enterprise Edition", "Developer Edition", "Personal Edition", "Unlimited Edition",
	"Contact Manager Edition", "Base Edition"}

// Configure changes settings; none is changed where one of them is refused.
func (o *Org) Configure(s Settings) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	next := *o.options()
	if err := s.apply(&next); err != nil {
		return fmt.Errorf("change settings: %w", err)
	}
	o.opt.Store(&next)
	organization := o.find(o.id())
	ob := organization.object
	ob.records.set(organization, organization.with([]assignment{
		{ob.field("OrganizationType"), soql.Text(o.edition())}, {ob.field("IsSandbox"), soql.Bool(next.Sandbox)}}))
	if s.RotateRefreshTokens != nil {
		o.auth.mu.Lock()
		o.auth.app.rotate = *s.RotateRefreshTokens
		o.auth.mu.Unlock()
	}
	return nil
}

func (s Settings) apply(to *Options) error {
	if s.Edition != nil && !slices.Contains(editions, *s.Edition) {
		return fmt.Errorf("edition %q is none of %s", *s.Edition, strings.Join(editions, ", "))
	}
	if s.DailyAPICalls != nil && *s.DailyAPICalls < 1 {
		return fmt.Errorf("daily_api_calls %d is no positive number", *s.DailyAPICalls)
	}
	for _, d := range []struct {
		name string
		text *string
		to   *time.Duration
		min  time.Duration
	}{{"latency", s.Latency, &to.Latency, 0}, {"access_token_ttl", s.AccessTokenTTL, &to.AccessTokenTTL, 1}, {"bulk_delay", s.BulkDelay, &to.BulkDelay, 1},
		{"replication_lag", s.ReplicationLag, &to.ReplicationLag, 0}} {
		if d.text == nil {
			continue
		}
		length, err := time.ParseDuration(*d.text)
		if err != nil || length < d.min {
			return fmt.Errorf("%s %q is no duration such as 80ms", d.name, *d.text)
		}
		*d.to = length
	}
	setIf(&to.Edition, s.Edition)
	setIf(&to.DailyAPICalls, s.DailyAPICalls)
	setIf(&to.Sandbox, s.Sandbox)
	setIf(&to.Limits, s.Limits)
	setIf(&to.RefuseFutureWindows, s.RefuseFutureWindows)
	setIf(&to.PasswordLogins, s.PasswordLogins)
	setIf(&to.RotateRefreshTokens, s.RotateRefreshTokens)
	return nil
}

func setIf[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
