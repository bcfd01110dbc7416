package config

import (
	"fmt"
	"net"
	"net/mail"
)

// check refuses mail that could not be sent: a half-written notify would be found
// out when it is needed.
func (n *Notify) check(at finder) error {
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
