package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/store"
)

// A secret that was left blank goes to whom it went before, and to nobody else.
func TestASecretThatIsKeptGoesNowhereElse(t *testing.T) {
	t.Parallel()
	kept := config.Notify{SMTP: &config.SMTP{Address: "mail.acme.com:587", Username: "tandem", Password: "p"},
		Webhook: &config.NoticeHook{URL: "https://hooks.acme.com/x", Secret: "s"}}
	for name, one := range map[string]struct {
		smtp           config.SMTP
		hook           config.NoticeHook
		password, sign string
	}{
		"the same":       {config.SMTP{Address: "mail.acme.com:587", Username: "tandem"}, config.NoticeHook{}, "p", "s"},
		"another server": {config.SMTP{Address: "mail.evil.example:587", Username: "tandem"}, config.NoticeHook{URL: "https://evil.example"}, "", ""},
		"another user":   {config.SMTP{Address: "mail.acme.com:587", Username: "eve"}, config.NoticeHook{URL: "https://hooks.acme.com/x"}, "", "s"},
		"new secrets":    {config.SMTP{Address: "mail.acme.com:587", Username: "tandem", Password: "q"}, config.NoticeHook{Secret: "r"}, "q", "r"},
	} {
		n := withKept(config.Notify{SMTP: &one.smtp, Webhook: &one.hook}, kept)
		if n.SMTP.Password.Reveal() != one.password || n.Webhook.Secret.Reveal() != one.sign {
			t.Errorf("%s: password %q, secret %q", name, n.SMTP.Password.Reveal(), n.Webhook.Secret.Reveal())
		}
	}
	if n := withKept(config.Notify{Webhook: &config.NoticeHook{}}, config.Notify{}); n.Webhook != nil {
		t.Error("a webhook out of nothing")
	}
}

// tandem store rekey takes what was settled at the console along.
func TestRekeyTakesWhoIsToldAlong(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "tandem.db"), store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before, now := vault{key: "before"}, vault{key: "now", before: "before"}
	text, err := config.AddedText(config.Notify{Every: "weekly"})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := before.seal(placeNotify, text)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.AdditionPut(store.Addition{Kind: store.AddedNotify, By: "ada", Body: sealed}); err != nil {
			return err
		}
		if all, anew, err := rekeyed(tx, now); err != nil || all != 1 || anew != 1 {
			t.Errorf("%d secrets, %d anew, %v", all, anew, err)
		}
		kept, err := tx.Additions()
		if err != nil {
			return err
		}
		n, err := openNotify(vault{key: "now"}, kept[0].Body)
		if n.Every != "weekly" {
			t.Errorf("read %+v", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Who was told by what cannot be read any more is no "nobody yet": it says why, and what to do.
func TestERR2_WhoIsToldThatCannotBeReadIsSaidSo(t *testing.T) {
	t.Parallel()
	sealed, err := vault{key: "before"}.seal(placeNotify, []byte("every: weekly\n"))
	if err != nil {
		t.Fatal(err)
	}
	kept := []store.Addition{{Kind: store.AddedNotify, Body: sealed}}
	for name, one := range map[string]struct {
		file config.File
		all  []store.Addition
		want string
	}{
		"another key":        {config.File{SecretsKey: "now"}, kept, "is another one by now"},
		"no key":             {config.File{}, kept, "is not set any more"},
		"the key of then":    {config.File{SecretsKey: "before"}, kept, ""},
		"as the one before":  {config.File{SecretsKey: "now", SecretsKeyBefore: "before"}, kept, ""},
		"nothing was stored": {config.File{SecretsKey: "now"}, nil, ""},
	} {
		got := (&world{read: &one.file, additions: one.all}).unreadTelling()
		switch {
		case one.want == "" && got != nil:
			t.Errorf("%s: it says %q", name, got.Message)
		case one.want != "" && (got == nil || !strings.Contains(got.Message, one.want) || !strings.Contains(got.Mend, "set secrets_key")):
			t.Errorf("%s: it says %+v, want %q", name, got, one.want)
		}
	}
}
