package cli

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/mail"
	"tandem/sim/salesforcesim"
)

// postbox takes mail on loopback; one that is full refuses every recipient.
func postbox(t *testing.T, full bool) (address string, mails <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got := make(chan string, 4)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go takeMail(conn, full, got)
		}
	}()
	return l.Addr().String(), got
}

func takeMail(conn net.Conn, full bool, got chan<- string) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	say := func(s string) { _, _ = io.WriteString(conn, s+"\r\n") }
	say("220 postbox")
	for text, inData := "", false; in.Scan(); {
		switch line := in.Text(); {
		case inData && line == ".":
			got <- text
			inData = false
			say("250 taken")
		case inData:
			text += line + "\n"
		case line == "DATA":
			inData = true
			say("354 go on")
		case full && strings.HasPrefix(line, "RCPT"):
			say("552 the mailbox is full")
		default:
			say("250 ok")
		}
	}
}

func (r *rig) notifyBy(address string) {
	r.edit(func(f *config.File) {
		f.Notify = config.Notify{To: []string{"admin@acme.example"}, SMTP: &config.SMTP{Address: address, From: "tandem@acme.example"}}
	})
}

// soleOwner makes a user who exists in Salesforce only the owner of all accounts.
func (r *rig) soleOwner() {
	r.t.Helper()
	id, err := r.sims.org.AddUser(salesforcesim.UserSpec{FirstName: "Solo", LastName: "Seller", Email: "solo@org.example"})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.sims.org.As("admin").Update("Account", r.someLink().Salesforce, map[string]any{"OwnerId": id}); err != nil {
		r.t.Fatal(err)
	}
}

func TestINST12_DisconnectTellsByMailWhatToReassign(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	company := r.someLink().HubSpot
	r.soleOwner()
	address, mails := postbox(t, false)
	r.notifyBy(address)
	if out := r.must(0, "check"); !strings.Contains(out, "takes mail for admin@acme.example") {
		t.Errorf("check does not look at the mail server:\n%s", out)
	}
	end := lastJSON[ended](t, r.must(0, "disconnect", "--yes", "--json"))
	if end.Mail == nil || !end.Mail.Sent || end.Handover == nil {
		t.Fatalf("disconnect says %+v", end)
	}
	text := strings.ReplaceAll(<-mails, "=\n", "")
	for _, want := range []string{"To: <admin@acme.example>", "Connection simulated was disconnected", "Solo Seller (solo@org.example, user 005", "1 company: " + company, "choose Assign"} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, text)
		}
	}
	if out := r.must(exitNot, "status", "--json"); lastJSON[statusView](t, out).State != "disconnected" {
		t.Errorf("status: %s", out)
	}
}

func TestINST12_WithoutMailTheTerminalTells(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	r.soleOwner()
	out := r.must(0, "disconnect", "--yes")
	for _, want := range []string{"Solo Seller", "1 company", "Record ID", "no notify.smtp"} {
		if !strings.Contains(out, want) {
			t.Errorf("the terminal lacks %q:\n%s", want, out)
		}
	}
}

func TestINST12_AMailThatFailsDoesNotUndoTheDisconnect(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	address, _ := postbox(t, true)
	r.notifyBy(address)
	end := lastJSON[ended](t, r.must(0, "disconnect", "--yes", "--json"))
	if end.Mail == nil || end.Mail.Sent || end.Mail.Error.Code != mail.CodeRefused || end.Mail.Error.Mend == "" {
		t.Errorf("disconnect says %+v", end.Mail)
	}
	if code, _, errs := r.run("sync", "--once"); code != exitNot || !strings.Contains(errs, "disconnected") {
		t.Errorf("sync after the disconnect: exit %d, %s", code, errs)
	}
}

func TestINST12_ASideThatIsDownDoesNotUndoTheDisconnect(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.Auth.StaticToken = "pat-na1-wrong" })
	end := lastJSON[ended](t, r.must(0, "disconnect", "--yes", "--json"))
	if end.Handover != nil || end.Problem == nil || end.Problem.Mend == "" {
		t.Errorf("disconnect says %+v", end)
	}
	if out := r.must(exitNot, "status", "--json"); lastJSON[statusView](t, out).State != "disconnected" {
		t.Errorf("status: %s", out)
	}
}

func TestINST11_LIM32_TheDaemonStopsAtDisconnectAndGoesOnAtResume(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	r.serve()
	r.must(0, "disconnect", "--yes")
	if out := r.must(0, "connections", "--json"); !strings.Contains(out, `"state":"disconnected"`) {
		t.Errorf("connections: %s", out)
	}
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Edited while disconnected"}); err != nil {
		t.Fatal(err)
	}
	if got, _ := r.sims.portal.As("").Get("companies", l.HubSpot); got["name"] == "Edited while disconnected" {
		t.Error("synced while disconnected")
	}
	r.must(0, "resume")
	eventually(t, "the edit made meanwhile reaches HubSpot", func() bool {
		got, _ := r.sims.portal.As("").Get("companies", l.HubSpot)
		return got["name"] == "Edited while disconnected"
	})
	if again := r.someLink(); again != l {
		t.Errorf("linked anew: %+v", again)
	}
}
