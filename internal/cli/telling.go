package cli

import (
	"context"
	"slices"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/store"
)

// placeNotify binds the secrets of who is told to where they are kept.
const placeNotify = "notify"

// openNotify reads who is told by what was settled at the console.
func openNotify(v vault, sealed []byte) (config.Notify, error) {
	text, _, err := v.open(placeNotify, sealed)
	if err != nil {
		return config.Notify{}, err
	}
	return config.ReadNotify(text)
}

// telling is who is told by the settings, without secrets.
func (w *world) telling() console.Telling {
	t := console.Telling{Settings: w.file().Notify, InFile: w.read.Notify.Tells()}
	if m := t.Settings.SMTP; m != nil {
		bare := *m
		bare.Password, t.Settings.SMTP = "", &bare
	}
	if h := t.Settings.Webhook; h != nil {
		bare := *h
		bare.URL, bare.Secret, t.Settings.Webhook = "", "", &bare
	}
	for _, way := range w.teller(w.store).Ways {
		t.Ways = append(t.Ways, console.Way{Name: way.Name(), To: way.To()})
	}
	if !t.InFile {
		t.Unread = w.unreadTelling()
	}
	return t
}

// unreadTelling is why what was settled at the console cannot be read, nil where it can be
// or nothing was.
func (w *world) unreadTelling() *console.Trouble {
	w.mu.Lock()
	all := w.additions
	w.mu.Unlock()
	i := slices.IndexFunc(all, func(one store.Addition) bool { return one.Kind == store.AddedNotify })
	if i < 0 {
		return nil
	}
	if _, err := openNotify(vaultOf(w.read), all[i].Body); err == nil {
		return nil
	}
	const why = "Who is told was settled here and is kept encrypted, and cannot be read: "
	if w.read.SecretsKey == "" {
		return &console.Trouble{Code: codeSettings, Message: why + "secrets_key is not set any more. Nobody is told anything.",
			Mend: "set secrets_key in the settings file to what it was, and restart Tandem"}
	}
	return &console.Trouble{Code: codeSettings, Message: why + "secrets_key is another one by now. Nobody is told anything.",
		Mend: "set secrets_key in the settings file to what it was, or that as secrets_key_before, and restart Tandem; or fill in below anew who is told"}
}

// settleTelling keeps who is told from now on, encrypted for its secrets, and tells them.
func (w *world) settleTelling(ctx context.Context, by string, n config.Notify) error {
	f := w.file()
	switch {
	case w.read.Notify.Tells():
		return refused("the settings file says who is told", "change it there, or take notify out of it and restart tandem serve")
	case f.SecretsKey == "":
		return refused("who is told is kept encrypted, and secrets_key is not set", "set secrets_key: ${TANDEM_SECRETS_KEY} in the settings file, and restart tandem serve")
	}
	n, err := config.CheckNotify(withKept(n, f.Notify))
	if err != nil {
		return err
	}
	text, err := config.AddedText(n)
	if err != nil {
		return err
	}
	sealed, err := vaultOf(f).seal(placeNotify, text)
	if err != nil {
		return err
	}
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.AdditionPut(store.Addition{Kind: store.AddedNotify, By: by, Body: sealed}); err != nil {
			return err
		}
		return tx.AuditAppend(by, "save notifications", []byte("{}"))
	})
	if err != nil {
		return err
	}
	return w.refresh(ctx)
}

// withKept puts in the secrets that were left blank, where they go to whom they went before:
// nobody has them sent elsewhere.
func withKept(n, kept config.Notify) config.Notify {
	if m, was := n.SMTP, kept.SMTP; m != nil && was != nil && m.Password == "" && m.Username != "" && m.Address == was.Address && m.Username == was.Username {
		m.Password = was.Password
	}
	h, was := n.Webhook, kept.Webhook
	switch {
	case h == nil:
	case was == nil && h.URL == "":
		n.Webhook = nil
	case was != nil && (h.URL == "" || h.URL == was.URL):
		h.URL = was.URL
		if h.Secret == "" {
			h.Secret = was.Secret
		}
	}
	return n
}
