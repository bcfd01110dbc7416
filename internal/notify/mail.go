package notify

import (
	"context"
	"strings"

	"tandem/internal/mail"
)

// Mail tells by mail.
type Mail struct {
	Server     mail.Server
	From       string
	Recipients []string
}

// Name is mail.
func (Mail) Name() string { return "mail" }

// To are the recipients.
func (m Mail) To() string { return strings.Join(m.Recipients, ", ") }

// Send hands a message in. Its id makes the Message-ID, by which a mailbox knows one that
// comes again.
func (m Mail) Send(ctx context.Context, msg *Message) error {
	return m.Server.Send(ctx, mail.Message{From: m.From, To: m.Recipients, Subject: msg.Subject(), Text: msg.Text(), Date: msg.At, ID: msg.ID})
}
