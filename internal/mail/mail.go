// Package mail sends a message to a person through an SMTP server (RFC 5321),
// over TLS where the server offers it (RFC 3207) or from the start (RFC 8314).
package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// Ways to use TLS.
const (
	TLSOffered  = "offered"  // STARTTLS where the server offers it
	TLSRequired = "required" // STARTTLS or nothing
	TLSImplicit = "implicit" // TLS from the first byte, as on port 465
)

// Server is where mail is handed in.
type Server struct {
	Address  string // host:port
	Username string // blank for no sign-in
	Password string
	TLS      string // one of the ways above; blank is TLSOffered
	// Timeout bounds one delivery from dialling on; 0 means 30 seconds.
	Timeout time.Duration
	// Roots are the authorities trusted; nil for the machine's.
	Roots *x509.CertPool
}

// Message is one mail in plain text.
type Message struct {
	From, Subject, Text string
	To                  []string
	Date                time.Time
	// ID makes the mail's Message-ID and must never come twice.
	ID string
}

// Codes of errors.
const (
	CodeUnreachable = "smtp_unreachable" // no connection, or it broke
	CodeTLS         = "smtp_tls"         // TLS is missing or not trusted
	CodeSignIn      = "smtp_sign_in"     // user name or password refused
	CodeRefused     = "smtp_refused"     // sender, recipient or text refused
)

// Error says why a mail was not handed in, and what to do.
type Error struct {
	Code, Message, Mend string
	Err                 error
}

// Error is one line with the cause.
func (e *Error) Error() string { return e.Message + ": " + e.Err.Error() }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

const timeout = 30 * time.Second

// Send hands a message in; nil means that the server has taken it for all
// recipients.
func (s Server) Send(ctx context.Context, m Message) error {
	text, err := m.bytes()
	if err != nil {
		return &Error{CodeRefused, "write mail", "correct the addresses under notify in the settings", err}
	}
	return s.session(ctx, func(c *smtp.Client) error {
		if err := s.envelope(c, m); err != nil {
			return refused("mail was refused", err)
		}
		w, err := c.Data()
		if err != nil {
			return refused("mail was refused", err)
		}
		if _, err = w.Write(text); err == nil {
			err = w.Close()
		}
		return refused("mail was refused", err)
	})
}

// Probe signs in and out again, and sends nothing.
func (s Server) Probe(ctx context.Context) error {
	return s.session(ctx, func(c *smtp.Client) error { return refused("answer to NOOP", c.Noop()) })
}

func (s Server) envelope(c *smtp.Client, m Message) error {
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return err
	}
	if err := c.Mail(from.Address); err != nil {
		return err
	}
	for _, to := range m.To {
		a, err := mail.ParseAddress(to)
		if err != nil {
			return err
		}
		if err := c.Rcpt(a.Address); err != nil {
			return fmt.Errorf("recipient %s: %w", a.Address, err)
		}
	}
	return nil
}

// session dials, secures and signs in, and says goodbye after fn.
func (s Server) session(ctx context.Context, fn func(*smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.Timeout, timeout))
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return s.broken(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // a server that falls silent holds nobody up
	defer stop()
	c, err := smtp.NewClient(conn, s.host())
	if err != nil {
		return s.broken(err)
	}
	for _, step := range []func(*smtp.Client) error{s.secure, s.signIn, fn} {
		if err := step(c); err != nil {
			return err
		}
	}
	_ = c.Quit() // the mail is taken, however the goodbye goes
	return nil
}

func (s Server) dial(ctx context.Context) (net.Conn, error) {
	if s.TLS == TLSImplicit {
		return (&tls.Dialer{Config: s.tlsConfig()}).DialContext(ctx, "tcp", s.Address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
}

func (s Server) host() string {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return s.Address
	}
	return host
}

func (s Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host(), RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

func (s Server) secure(c *smtp.Client) error {
	if s.TLS == TLSImplicit {
		return nil
	}
	if offered, _ := c.Extension("STARTTLS"); !offered {
		if s.TLS == TLSRequired {
			return &Error{CodeTLS, "secure the connection to " + s.Address, "use a server with STARTTLS, or write tls: offered where the way there is private", errors.New("the server does not offer STARTTLS")}
		}
		return nil
	}
	if err := c.StartTLS(s.tlsConfig()); err != nil {
		return s.broken(err)
	}
	return nil
}

// signIn gives the password to a server that is secured or on this machine, and to
// no other.
func (s Server) signIn(c *smtp.Client) error {
	if s.Username == "" {
		return nil
	}
	if offered, _ := c.Extension("AUTH"); !offered {
		return &Error{CodeSignIn, "sign in to " + s.Address, "take user name and password out of the settings, or use the server's port for submission (587 or 465)", errors.New("the server offers no sign-in")}
	}
	if err := c.Auth(smtp.PlainAuth("", s.Username, s.Password, s.host())); err != nil {
		return &Error{CodeSignIn, "sign in to " + s.Address, "correct user name and password under notify.smtp; a password is given over TLS only", plain(err)}
	}
	return nil
}

// broken tells a connection that is not trusted from one that does not stand.
func (s Server) broken(err error) error {
	var unknown *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	if errors.As(err, &unknown) || errors.As(err, &header) {
		return &Error{CodeTLS, "secure the connection to " + s.Address, "use the name in the server's certificate, and tls: implicit on port 465 only", err}
	}
	return &Error{CodeUnreachable, "reach the mail server " + s.Address, "check notify.smtp.address and the way there", err}
}

func refused(what string, err error) error {
	if err == nil {
		return nil
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return &Error{CodeRefused, what, "correct sender and recipients under notify in the settings", plain(err)}
	}
	return &Error{CodeUnreachable, what, "the connection broke; the mail may have arrived", err}
}

// plain is an answer of the server on one line.
func plain(err error) error { return errors.New(strings.Join(strings.Fields(err.Error()), " ")) }

// bytes is the message as it travels (RFC 5322, RFC 2045).
func (m Message) bytes() ([]byte, error) {
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("sender %q: %w", m.From, err)
	}
	var to []string
	for _, one := range m.To {
		a, err := mail.ParseAddress(one)
		if err != nil {
			return nil, fmt.Errorf("recipient %q: %w", one, err)
		}
		to = append(to, a.String())
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	var b bytes.Buffer
	for _, h := range [][2]string{{"From", from.String()}, {"To", strings.Join(to, ",\r\n ")}, {"Subject", mime.QEncoding.Encode("utf-8", oneLine(m.Subject))},
		{"Date", m.Date.Format(time.RFC1123Z)}, {"Message-ID", "<" + m.ID + "@" + domain + ">"}, {"Auto-Submitted", "auto-generated"}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"}} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(m.Text, "\n", "\r\n"))); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
