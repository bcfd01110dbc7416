package connector

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"tandem/internal/core"
)

// Dialer connects to the hosts that the settings name, wherever these are, and to
// others only at public addresses: answers name hosts too (an instance, a file's
// address), and a name of the vendor's that leads into the own network is no host of
// the vendor's. The address is looked at when it is connected to, after any look-up.
type Dialer struct {
	side  core.Side
	named []string // hosts of the settings and of the proxies, in lower case
	// near lets other loopback addresses be reached, as the settings name one.
	near bool
	dial net.Dialer
}

// NewDialer makes the dialer of a side. named are addresses or hosts of the settings
// and of the proxies between; blanks are passed over.
func NewDialer(side core.Side, named ...string) *Dialer {
	d := &Dialer{side: side, dial: net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}}
	for _, n := range named {
		if host := hostIn(n); host != "" {
			ip, err := netip.ParseAddr(host)
			d.named, d.near = append(d.named, host), d.near || host == "localhost" || err == nil && ip.IsLoopback()
		}
	}
	return d
}

// hostIn is the host of an address with or without a scheme.
func hostIn(address string) string {
	if !strings.Contains(address, "://") {
		address = "//" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// DialContext is for an http.Transport. A refusal is an *Error with CodeForeignHost,
// and nothing was sent.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dial, host := d.dial, address
	if h, _, err := net.SplitHostPort(address); err == nil {
		host = strings.ToLower(h)
	}
	if !slices.Contains(d.named, host) {
		dial.Control = func(_, found string, _ syscall.RawConn) error { return d.allow(host, found) }
	}
	return dial.DialContext(ctx, network, address)
}

// allow refuses an address to which the host of an answer must not lead.
func (d *Dialer) allow(host, found string) error {
	at, err := netip.ParseAddrPort(found)
	ip := at.Addr().Unmap()
	if err == nil && (Public(ip) || d.near && ip.IsLoopback()) {
		return nil
	}
	return &Error{Side: d.side, Class: core.ClassTransient, Code: CodeForeignHost,
		Message: fmt.Sprintf("%s leads to %s, which is no public address", host, ip),
		Mend:    "check the name service; a host inside the own network has to be named in the settings"}
}

// inner are the networks beside the private and local ones that no host of a vendor's
// is in: shared address space, tests and benchmarks, protocol assignments, and the
// translations of IPv4 addresses (IANA special-purpose address registries).
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// translated is the prefix under which a network without IPv4 reaches IPv4 addresses
// (RFC 6052): the last four bytes are what is reached.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// Public reports that an address is one of the public internet.
func Public(ip netip.Addr) bool {
	if translated.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(inner, func(p netip.Prefix) bool { return p.Contains(ip) })
}
