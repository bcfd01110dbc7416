package storetest

import (
	"testing"
	"time"

	"tandem/internal/store"
)

func (s suite) testAccounts(t *testing.T) {
	f := s.fixture(t)
	ada := store.Account{Name: "ada", Role: store.Admin, Password: "kept", Created: Start}
	f.update(func(tx *store.Tx) error { return tx.AccountPut(ada) })
	f.later(time.Minute)
	f.update(func(tx *store.Tx) error {
		return tx.AccountPut(store.Account{Name: "ada", Role: store.Viewer, Password: "changed"})
	})
	f.update(func(tx *store.Tx) error {
		return tx.AccountPut(store.Account{Name: "Bo", Role: store.Operator, Password: "x"})
	})
	f.view(func(tx *store.Tx) error {
		all, err := tx.Accounts()
		same(t, "accounts", all, []store.Account{{Name: "Bo", Role: store.Operator, Password: "x", Created: Start.Add(time.Minute)},
			{Name: "ada", Role: store.Viewer, Password: "changed", Created: Start}})
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Account("none"); return err })
	f.testSubjects()
}

// testSubjects: somebody at an identity provider has one account, and nobody is nobody's.
func (f *fixture) testSubjects() {
	f.Helper()
	put := func(name, subject string) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			return tx.AccountPut(store.Account{Name: name, Role: store.Viewer, Password: store.NoPassword, Subject: subject})
		}
	}
	f.update(put("cy", "idp 1"))
	f.view(func(tx *store.Tx) error {
		a, err := tx.AccountOf("idp 1")
		same(f.T, "name", a.Name, "cy")
		return err
	})
	for _, subject := range []string{"idp 2", ""} {
		f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.AccountOf(subject); return err })
	}
	if err := f.s.Update(f.Context(), put("di", "idp 1")); err == nil {
		f.Error("two accounts are the same person's")
	}
}

func (s suite) testTokens(t *testing.T) {
	f := s.fixture(t)
	report := store.Token{Name: "report", Role: store.Viewer, Key: "k1", Created: Start}
	put := func(k store.Token) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.TokenPut(k) }
	}
	f.update(put(report))
	f.refuse(store.Invalid, put(store.Token{Name: "report", Role: store.Admin, Key: "k2"}))
	f.later(time.Minute)
	nightly := store.Token{Name: "nightly", Role: store.Operator, Key: "k3", Created: Start.Add(time.Minute)}
	f.update(put(nightly))
	f.update(func(tx *store.Tx) error { return tx.TokenUsed("k1") })
	report.Used = Start.Add(time.Minute)
	f.view(func(tx *store.Tx) error {
		all, err := tx.Tokens()
		same(t, "tokens", all, []store.Token{nightly, report})
		if err != nil {
			return err
		}
		one, err := tx.Token("k1")
		same(t, "token", one, report)
		return err
	})
	drop := func(tx *store.Tx) error { return tx.TokenDrop("report") }
	f.update(drop)
	f.refuse(store.NotFound, drop)
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Token("k1"); return err })
}

func (s suite) testPreflights(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "other")
	none := func(conn int64) {
		f.view(func(tx *store.Tx) error {
			_, ok, err := tx.Preflight(conn)
			same(t, "found before the first look", ok, false)
			return err
		})
	}
	none(f.conn)
	f.update(func(tx *store.Tx) error { return tx.PreflightSet(f.conn, []byte("first")) })
	f.later(time.Minute)
	f.update(func(tx *store.Tx) error { return tx.PreflightSet(f.conn, []byte("second")) })
	f.view(func(tx *store.Tx) error {
		got, _, err := tx.Preflight(f.conn)
		same(t, "found", got, store.Preflight{At: Start.Add(time.Minute), Body: []byte("second")})
		return err
	})
	none(other)
}

func (s suite) testSessions(t *testing.T) {
	f := s.fixture(t)
	for _, name := range []string{"ada", "bo"} {
		f.update(func(tx *store.Tx) error {
			return tx.AccountPut(store.Account{Name: name, Role: store.Admin, Password: "x"})
		})
	}
	begin := func(account, key string, lasts time.Duration) {
		f.update(func(tx *store.Tx) error {
			return tx.SessionPut(store.Session{Key: key, Account: account, Agent: "a browser", Expires: Start.Add(lasts)})
		})
	}
	begin("ada", "one", time.Hour)
	begin("ada", "two", 10*time.Hour)
	begin("bo", "three", time.Minute)
	f.view(func(tx *store.Tx) error {
		got, of, err := tx.Session("one")
		same(t, "session", got, store.Session{Key: "one", Account: "ada", Agent: "a browser", Created: Start, Used: Start, Expires: Start.Add(time.Hour)})
		same(t, "its account", of.Name, "ada")
		return err
	})
	at := f.later(time.Minute)
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, _, err := tx.Session("three"); return err })
	f.update(func(tx *store.Tx) error { return tx.SessionUsed("one", at.Add(time.Hour)) })
	f.view(func(tx *store.Tx) error {
		all, err := tx.Sessions()
		if len(all) != 2 || all[0].Key != "one" || !all[0].Used.Equal(at) || all[1].Key != "two" {
			t.Errorf("sessions are %+v", all)
		}
		return err
	})
	f.update(func(tx *store.Tx) error { return tx.SessionsEnd("bo", "one") })
	f.view(func(tx *store.Tx) error { _, _, err := tx.Session("one"); return err })
	f.update(func(tx *store.Tx) error { return tx.SessionsEnd("ada", "one") })
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, _, err := tx.Session("one"); return err })
	f.update(func(tx *store.Tx) error { return tx.AccountDrop("ada") })
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, _, err := tx.Session("two"); return err })
}

func (s suite) testInvites(t *testing.T) {
	f := s.fixture(t)
	put := func(key, name string) {
		f.update(func(tx *store.Tx) error {
			return tx.InvitePut(store.Invite{Key: key, Name: name, Role: store.Operator, Expires: Start.Add(time.Hour)})
		})
	}
	put("first", "ada")
	put("second", "ada")
	put("third", "")
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Invite("first"); return err })
	f.update(func(tx *store.Tx) error {
		got, err := tx.InviteTake("second")
		same(t, "invite", got, store.Invite{Key: "second", Name: "ada", Role: store.Operator, Expires: Start.Add(time.Hour)})
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.InviteTake("second"); return err })
	f.later(time.Hour)
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.InviteTake("third"); return err })
}

func (s suite) testAuditBack(t *testing.T) {
	f := s.fixture(t)
	for _, who := range []string{"ada", "bo", "ada"} {
		f.update(func(tx *store.Tx) error { return tx.AuditAppend(who, "look", nil) })
	}
	f.update(func(tx *store.Tx) error { return tx.AuditAppend("ada", "leave", nil) })
	back := func(want int, before int64, who, action string, limit int) (last int64) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.AuditBack(before, who, action, limit)
			if len(got) != want {
				t.Errorf("%d entries, want %d: %+v", len(got), want, got)
			}
			for _, e := range got {
				if last != 0 && e.Seq >= last {
					t.Errorf("entry %d stands behind %d", e.Seq, last)
				}
				last = e.Seq
			}
			return err
		})
		return last
	}
	back(3, back(1, 0, "", "", 1), "", "", 10)
	back(2, 0, "ada", "look", 10)
	back(3, 0, "ada", "", 10)
	back(0, 0, "cy", "", 10)
}
