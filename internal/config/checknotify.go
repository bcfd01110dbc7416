package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"
)

// check refuses mail that could not be sent: a half-written notify would be found
// out when it is needed.
func (n *Notify) check(at finder) error {
	if err := oneOf(at, ".every", n.Every, "instant", "daily", "weekly"); err != nil {
		return err
	}
	for i, kind := range n.LeaveOut {
		if err := oneOf(at, fmt.Sprintf(".leave_out[%d]", i), kind, "run_failed", "issues"); err != nil {
			return err
		}
	}
	if d := n.Behind.D(); d < 5*time.Minute {
		return at.refuse(".behind", "this is too short: both sides are late for minutes now and then", "write 5m or more, such as 1h")
	}
	if n.Console != "" {
		if err := checkURL(at, ".console", n.Console); err != nil {
			return err
		}
	}
	if err := n.Webhook.check(at.under(".webhook")); err != nil {
		return err
	}
	for i, to := range n.To {
		if _, err := mail.ParseAddress(to); err != nil {
			return at.refuse(fmt.Sprintf(".to[%d]", i), "this is no e-mail address", "write one like admin@acme.com")
		}
	}
	switch {
	case n.SMTP == nil && len(n.To) > 0:
		return at.refuse(".smtp", "there are recipients, but no mail server", "set notify.smtp, or take notify out: what is to do is then told on the terminal alone")
	case n.SMTP == nil:
		return nil
	case len(n.To) == 0:
		return at.refuse(".to", "there is a mail server, but nobody to write to", "write to: [admin@acme.com]")
	}
	return n.SMTP.check(at.under(".smtp"))
}

// leastSecret is how many characters a secret has at least that is worth signing with.
const leastSecret = 24

// check refuses an address that cannot be told, or that others could write to in its name.
func (w *NoticeHook) check(at finder) error {
	if w == nil {
		return nil
	}
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return at.refuse(".url", "this is no address", "write https://host/path")
	case u.Scheme != "https" && !w.OwnNetwork:
		return at.refuse(".url", "what is told goes over the internet by https only", "write https://, or own_network: true for an address in your own network")
	case u.User != nil:
		return at.refuse(".url", "an address with a user name is not asked", "take user name and password out: the receiver knows Tandem by the signature")
	case len(w.Secret.Reveal()) < leastSecret:
		return at.refuse(".secret", fmt.Sprintf("the secret is shorter than %d characters", leastSecret), "make one with: openssl rand -hex 32, and give it as ${NAME} from the environment or as file:PATH")
	}
	text, marked := strings.CutPrefix(w.Secret.Reveal(), "whsec_")
	if _, err := base64.StdEncoding.DecodeString(text); marked && err != nil {
		return at.refuse(".secret", "what follows whsec_ is no base64", "copy the whole secret, or write one without whsec_")
	}
	return nil
}

func (s *SMTP) check(at finder) error {
	if _, port, err := net.SplitHostPort(s.Address); err != nil || port == "" {
		return at.refuse(".address", "this is no address of a mail server", "write host:port, such as smtp.acme.com:587")
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		return at.refuse(".from", "this is no e-mail address", "write the sender, such as tandem@acme.com")
	}
	if (s.Username == "") != (s.Password == "") {
		return at.refuse(".password", "user name and password go together", "give both, the password as ${NAME} from the environment or as file:PATH, or neither")
	}
	return oneOf(at, ".tls", s.TLS, "offered", "required", "implicit")
}
