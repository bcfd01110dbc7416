package salesforce

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// instanceDomains are the domains that Salesforce serves its API from: the
// worldwide ones, the US military cloud and Salesforce on Alibaba Cloud.
// Lightning hosts are not among them because they answer no API calls.
var instanceDomains = []string{"salesforce.com", "salesforce.mil", "sfcrmproducts.cn", "cloudforce.com", "database.com"}

// hosts are the origins that this client may send a token to.
type hosts struct {
	login   *url.URL
	trusted []string // origins named by the configuration
}

func newHosts(cfg Config) (hosts, error) {
	login, err := parseOrigin(cfg.LoginURL)
	if err != nil {
		return hosts{}, fmt.Errorf("configure salesforce: login url: %w", err)
	}
	h := hosts{login: login, trusted: []string{originOf(login)}}
	if at := cfg.Auth.AccessToken; at != nil && at.InstanceURL != "" {
		instance, err := parseOrigin(at.InstanceURL)
		if err != nil {
			return hosts{}, fmt.Errorf("configure salesforce: instance url: %w", err)
		}
		h.trusted = append(h.trusted, originOf(instance))
	}
	if strings.HasPrefix(cfg.PubSubAddr, "http://") {
		if _, err := parseOrigin(cfg.PubSubAddr); err != nil {
			return hosts{}, fmt.Errorf("configure salesforce: event bus: %w", err)
		}
	}
	return h, nil
}

// parseOrigin accepts https, and http for a loopback host only, so that no
// token ever crosses a network in clear text.
func parseOrigin(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("not of the form https://host")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("host %s must be reached by https", u.Hostname())
	}
	return u, nil
}

// LoginOrigin is the origin of an address that a person wants to sign in at. It must be one
// of Salesforce's own by https, since an app's secret is sent there.
func LoginOrigin(raw string) (string, error) {
	u, err := parseOrigin(raw)
	if err != nil || u.Scheme != "https" || u.Port() != "" || !ofSalesforce(u.Hostname()) {
		return "", &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: connector.CodeForeignHost,
			Message: fmt.Sprintf("%q is no address of Salesforce's", clip(raw, 100)),
			Mend:    "give https://login.salesforce.com, https://test.salesforce.com or the org's My Domain, such as https://acme.my.salesforce.com"}
	}
	return originOf(u), nil
}

func ofSalesforce(host string) bool {
	return slices.ContainsFunc(instanceDomains, func(domain string) bool { return strings.HasSuffix(strings.ToLower(host), "."+domain) })
}

func originOf(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// instance accepts the instance_url of a token answer: a host of Salesforce's
// own, one that the configuration names, or loopback beside a loopback login.
func (h hosts) instance(raw string) (string, error) {
	u, err := parseOrigin(raw)
	if err != nil || !h.allows(u) {
		return "", &connector.Error{Side: core.Salesforce, Class: core.ClassAuth, Code: connector.CodeForeignHost,
			Message: fmt.Sprintf("the token names instance %q, which is no Salesforce host", clip(raw, 100)),
			Mend:    "check the login url; it must be the org's My Domain or a Salesforce login host"}
	}
	return originOf(u), nil
}

func (h hosts) allows(u *url.URL) bool {
	if slices.Contains(h.trusted, originOf(u)) {
		return true
	}
	name := strings.ToLower(u.Hostname())
	if loopback(name) {
		return loopback(h.login.Hostname())
	}
	return u.Scheme == "https" && ofSalesforce(name)
}

// nextPath is the path of a next-page link, which is host-relative; one that
// names a host must name the instance itself.
func nextPath(instance, link string) (string, error) {
	u, err := url.Parse(link)
	if err == nil && (u.Host == "" && u.Scheme == "" || originOf(u) == instance) && strings.HasPrefix(u.Path, "/services/data/") {
		return u.EscapedPath(), nil
	}
	return "", &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeForeignHost,
		Message: "the next page is said to be at " + clip(link, 100), Mend: "a proxy rewrites answers, or the login url is not Salesforce's"}
}

var errForeignRedirect = errors.New("redirect refused")

// sameHostOnly follows the redirect of a read within its host. A write is never
// repeated elsewhere, and a token never leaves its host.
func sameHostOnly(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 3 || first.Method != http.MethodGet || originOf(req.URL) != originOf(first.URL) {
		return fmt.Errorf("%w: to %s", errForeignRedirect, req.URL.Host)
	}
	return nil
}
