package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a bare machine may have no zones installed
)

// check refuses what the types cannot: values outside their lists and
// combinations that cannot be meant.
func (f *File) check(at finder) error {
	if err := f.checkProcess(at); err != nil {
		return err
	}
	if err := f.Notify.check(at.under(".notify")); err != nil {
		return err
	}
	if err := f.OIDC.check(at.under(".oidc")); err != nil {
		return err
	}
	names := map[string]bool{}
	for i := range f.Connections {
		c, here := &f.Connections[i], at.under(fmt.Sprintf(".connections[%d]", i))
		if err := c.checkIdentity(here, names); err != nil {
			return err
		}
		if f.SecretsKey == "" && (c.Salesforce.Auth.None() || c.HubSpot.Auth.None()) {
			return at.refuse(".secrets_key", "connection "+c.Name+" leaves out how a side is signed in to, and what is given at the console is kept encrypted, which needs a secrets_key",
				"set secrets_key: ${TANDEM_SECRETS_KEY}, or give salesforce.auth and hubspot.auth")
		}
		if f.SecretsKey == "" && (c.Salesforce.Auth.RefreshToken != nil || c.HubSpot.Auth.OAuth != nil) {
			return at.refuse(".secrets_key", "refresh tokens may be renewed and must be kept encrypted, which needs a secrets_key", "set secrets_key: ${TANDEM_SECRETS_KEY}")
		}
		if err := c.checkSides(here); err != nil {
			return err
		}
		if err := c.check(here); err != nil {
			return err
		}
	}
	if err := f.checkPairs(at); err != nil {
		return err
	}
	return f.checkShares(at)
}

func (f *File) checkProcess(at finder) error {
	if !strings.HasPrefix(f.Store, "sqlite://") && !strings.HasPrefix(f.Store, "postgres://") && !strings.HasPrefix(f.Store, "postgresql://") && f.Store != "sqlite::memory:" {
		return at.refuse(".store", "the store's address has an unknown kind", "write sqlite:///path/to/tandem.db or postgres://user@host/database")
	}
	if f.SecretsKeyBefore != "" && (f.SecretsKey == "" || f.SecretsKey == f.SecretsKeyBefore) {
		return at.refuse(".secrets_key_before", "the key before is another than secrets_key", "set secrets_key to the new key, or take secrets_key_before out")
	}
	if _, _, err := net.SplitHostPort(f.Listen); err != nil {
		return at.refuse(".listen", "this is no address to listen on", "write host:port, such as 127.0.0.1:8480")
	}
	if d := f.Fleet.Lease.D(); d < 3*time.Second || d > 10*time.Minute {
		return at.refuse(".fleet.lease", "this is too short or too long for a lease", "write 3s to 10m, such as 60s")
	}
	if len(f.Connections) == 0 {
		return at.refuse(".connections", "there is no connection", "add one, or let tandem init write it")
	}
	return nil
}

// namePattern is what a connection may be called: the name goes into URLs, into
// marker fields of 80 characters and into a header of change events.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

var (
	orgPattern     = regexp.MustCompile(`^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$`)
	portalPattern  = regexp.MustCompile(`^[0-9]+$`)
	versionPattern = regexp.MustCompile(`^v?[0-9]{2,3}\.0$`)
)

func (c *Connection) checkIdentity(at finder, names map[string]bool) error {
	switch {
	case !namePattern.MatchString(c.Name):
		return at.refuse(".name", "a connection needs a name of letters, digits, dots, dashes and underscores", "give it a short one, such as acme")
	case names[c.Name]:
		return at.refuse(".name", "another connection has the same name", "give each its own")
	case c.Salesforce.OrgID != "" && !orgPattern.MatchString(c.Salesforce.OrgID):
		return at.refuse(".salesforce.org_id", "this is no org id", "it begins with 00D and has 15 or 18 characters; leave it out to pin the first one reached")
	case c.HubSpot.PortalID != "" && !portalPattern.MatchString(c.HubSpot.PortalID):
		return at.refuse(".hubspot.portal_id", "this is no portal id", "it is a number, in quotes; leave it out to pin the first one reached")
	case !versionPattern.MatchString(c.Salesforce.APIVersion):
		return at.refuse(".salesforce.api_version", "this is no API version", "write one like v65.0, or leave it out")
	}
	names[c.Name] = true
	return nil
}

// checkZone takes the names of the tz database, which are Salesforce's. The machine's
// own zone is none of them: an engine would decide otherwise on another machine.
func (c *Connection) checkZone(at finder) error {
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
		return at.refuse(".time_zone", "this is no time zone", "write a name like Europe/Paris or UTC, or leave it out for the org's own")
	}
	return nil
}

func (c *Connection) checkSides(at finder) error {
	if err := checkURL(at, ".salesforce.login_url", c.Salesforce.LoginURL); err != nil {
		return err
	}
	if err := checkURL(at, ".hubspot.base_url", c.HubSpot.BaseURL); err != nil {
		return err
	}
	for _, check := range []func(finder) error{c.Salesforce.check, c.HubSpot.check} {
		if err := check(at); err != nil {
			return err
		}
	}
	return nil
}

// checkURL demands https, except on this machine: tokens cross no network in
// clear text.
func checkURL(at finder, key, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return at.refuse(key, "this is no address", "write https://host")
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return nil
	}
	return at.refuse(key, "tokens are sent by https only", "write https://"+u.Host+u.Path)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Salesforce) check(at finder) error {
	at = at.under(".salesforce")
	if err := oneOf(at, ".events", s.Events, "cdc", "poll"); err != nil {
		return err
	}
	if s.DailyAPICalls < 0 {
		return at.refuse(".daily_api_calls", "a number of calls is not negative", "write how many calls in 24 hours are Tandem's, or leave it out for no limit")
	}
	a := s.Auth
	if n := a.ways(); n > 1 {
		return at.refuse(".auth", fmt.Sprintf("%d ways to sign in are given", n), "give exactly one of client_credentials, jwt, refresh_token and access_token, or leave auth out and sign in at the console")
	}
	if a.None() {
		return nil
	}
	return s.checkAuth(at.under(".auth"))
}

func (a *SalesforceAuth) ways() int {
	return count(a.ClientCredentials != nil, a.JWT != nil, a.RefreshToken != nil, a.AccessToken != nil)
}

// None reports that the settings leave out how to sign in: somebody does at the console.
func (a *SalesforceAuth) None() bool { return a.ways() == 0 }

// None reports that the settings leave out how to sign in: somebody does at the console.
func (a *HubSpotAuth) None() bool { return a.StaticToken == "" && a.OAuth == nil }

func (s *Salesforce) checkAuth(at finder) error {
	switch a := s.Auth; {
	case a.ClientCredentials != nil:
		if u, _ := url.Parse(s.LoginURL); u.Hostname() == "login.salesforce.com" || u.Hostname() == "test.salesforce.com" {
			return at.refuse(".client_credentials", u.Hostname()+" does not answer client credentials", "set salesforce.login_url to the org's My Domain, https://….my.salesforce.com")
		}
		return needs(at.under(".client_credentials"), field{".client_id", a.ClientCredentials.ClientID}, field{".client_secret", a.ClientCredentials.ClientSecret.Reveal()})
	case a.JWT != nil:
		return needs(at.under(".jwt"), field{".client_id", a.JWT.ClientID}, field{".username", a.JWT.Username}, field{".key", a.JWT.Key.Reveal()})
	case a.RefreshToken != nil:
		return needs(at.under(".refresh_token"), field{".client_id", a.RefreshToken.ClientID}, field{".token", a.RefreshToken.Token.Reveal()})
	}
	return needs(at.under(".access_token"), field{".token", s.Auth.AccessToken.Token.Reveal()}, field{".instance_url", s.Auth.AccessToken.InstanceURL})
}

// field is a key and its value.
type field struct{ key, value string }

func needs(at finder, fields ...field) error {
	for _, f := range fields {
		if f.value == "" {
			return at.refuse(f.key, "this is missing", "every way to sign in needs all of its keys")
		}
	}
	return nil
}

func (h *HubSpot) check(at finder) error {
	at = at.under(".hubspot")
	a, e := h.Auth, h.Events
	switch {
	case count(a.StaticToken != "", a.OAuth != nil) > 1:
		return at.refuse(".auth", "2 ways to sign in are given", "give static_token or oauth, or leave auth out and sign in at the console")
	case count(e.Journal != nil, e.Webhooks != nil, e.Poll) > 1:
		return at.refuse(".events", "several kinds of events are given", "give one of journal, webhooks and poll; polling runs besides in any case")
	case h.DailyAPICalls < 0:
		return at.refuse(".daily_api_calls", "a number of calls is not negative", "write how many calls a day are Tandem's, or leave it out for no limit")
	case h.BurstShare <= 0 || h.BurstShare > 0.98:
		return at.refuse(".burst_share", "the share of the burst limit must be above 0 and at most 0.98", "leave some room for jitter; 0.95 is the default")
	}
	if a.OAuth != nil {
		if err := needs(at.under(".auth.oauth"), field{".client_id", a.OAuth.ClientID}, field{".client_secret", a.OAuth.ClientSecret.Reveal()}, field{".token", a.OAuth.Token.Reveal()}); err != nil {
			return err
		}
	}
	if e.Journal != nil {
		return needs(at.under(".events.journal"), field{".client_id", e.Journal.ClientID}, field{".client_secret", e.Journal.ClientSecret.Reveal()})
	}
	if e.Webhooks == nil {
		return nil
	}
	if err := checkURL(at, ".events.webhooks.public_url", e.Webhooks.PublicURL); err != nil {
		return err
	}
	return needs(at.under(".events.webhooks"), field{".app_id", e.Webhooks.AppID}, field{".client_secret", e.Webhooks.ClientSecret.Reveal()})
}

// checkPairs refuses two connections of the same org and portal.
func (f *File) checkPairs(at finder) error {
	names := map[[2]string]string{}
	for i, c := range f.Connections {
		if c.Salesforce.OrgID == "" || c.HubSpot.PortalID == "" {
			continue
		}
		pair := [2]string{shortOrg(c.Salesforce.OrgID), c.HubSpot.PortalID}
		if other := names[pair]; other != "" {
			return at.refuse(fmt.Sprintf(".connections[%d].hubspot.portal_id", i), "connection "+other+" keeps this org and this portal in step already", "leave one of the two connections out")
		}
		names[pair] = c.Name
	}
	return nil
}

// shortOrg is an org id without its checksum, which may be left out.
func shortOrg(id string) string { return id[:min(len(id), 15)] }

// checkShares refuses two shares of one account's budget.
func (f *File) checkShares(at finder) error {
	orgs, portals := map[string]int{}, map[string]int{}
	for i, c := range f.Connections {
		here := at.under(fmt.Sprintf(".connections[%d]", i))
		if !sameShare(orgs, c.Salesforce.OrgID, c.Salesforce.DailyAPICalls) {
			return here.refuse(".salesforce.daily_api_calls", "another connection gives the same org another share; the budget belongs to the org", "write the same number in both")
		}
		if !sameShare(portals, c.HubSpot.PortalID, c.HubSpot.DailyAPICalls) {
			return here.refuse(".hubspot.daily_api_calls", "another connection gives the same portal another share; the budget belongs to the portal", "write the same number in both")
		}
	}
	return nil
}

func sameShare(seen map[string]int, id string, calls int) bool {
	if id == "" {
		return true
	}
	id = shortOrg(id)
	was, ok := seen[id]
	seen[id] = calls
	return !ok || was == calls
}

func count(is ...bool) (n int) {
	for _, b := range is {
		if b {
			n++
		}
	}
	return n
}

// oneOf refuses a value outside a list.
func oneOf(at finder, key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	e := located(at.text, at.root+key, fmt.Sprintf("%q is not known here", value), "write one of "+strings.Join(allowed, ", "))
	e.Choices = allowed
	return e
}
