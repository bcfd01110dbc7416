package cli

import (
	"context"
	"strings"

	"tandem/internal/config"
	"tandem/internal/mail"
)

// mailServer is the server of the settings; ok is false where they name none.
func mailServer(n config.Notify) (s mail.Server, ok bool) {
	if n.SMTP == nil {
		return s, false
	}
	return mail.Server{Address: n.SMTP.Address, Username: n.SMTP.Username, Password: n.SMTP.Password.Reveal(), TLS: n.SMTP.TLS, Timeout: n.SMTP.Timeout.D()}, true
}

// notify checks that the mail server takes us. It sends nothing.
func (p *preflight) notify(ctx context.Context, n config.Notify) {
	server, ok := mailServer(n)
	if !ok {
		return
	}
	f := finding{State: green, What: "mail", Found: server.Address + " takes mail for " + strings.Join(n.To, ", "), Rule: "INST-12"}
	if err := server.Probe(ctx); err != nil {
		e := problemOf(err)
		f.State, f.Found, f.Mend = yellow, e.Message, e.Mend
	}
	p.findings = append(p.findings, f)
}

// printableText is printable for several lines.
func printableText(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
