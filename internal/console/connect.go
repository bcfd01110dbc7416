package console

import (
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// connectState is the page of how a connection reaches its two sides.
type connectState struct {
	settings config.Connection
	accounts [2]string
	found    Preflight
	at       time.Time // when it was found; zero before the first look
	changed  bool      // the settings were since
}

func (c *Console) connectPage(v *visit) error {
	s, err := c.connectState(v)
	if err != nil {
		return err
	}
	return v.show(connectView(v, s))
}

func (c *Console) connectState(v *visit) (*connectState, error) {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return nil, err
	}
	s := &connectState{settings: conn.Wanted}
	err = e.View(v.r.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection(v.connection)
		if err != nil {
			return err
		}
		s.accounts = row.Accounts
		found, kept, ok, err := preflightOf(tx, row.ID)
		if err != nil || !ok {
			return err
		}
		s.found, s.at = found, kept.At
		latest, _, err := tx.SettingsLatest(row.ID)
		s.changed = latest.At.After(kept.At)
		return err
	})
	return s, err
}

// checkSides has both sides looked at, and shows what was found.
func (c *Console) checkSides(v *visit) error {
	if err := c.Do(v.r.Context(), "check", v.order(), nil); err != nil {
		return err
	}
	return v.to(v.at("connect"))
}

// signedInBy says how a side is signed in to.
func (s *connectState) signedInBy(side core.Side) string {
	sf, hs := s.settings.Salesforce.Auth, s.settings.HubSpot.Auth
	switch {
	case side == core.HubSpot && hs.OAuth != nil:
		return "an app that a person allowed in the browser"
	case side == core.HubSpot:
		return "a token of the portal"
	case sf.ClientCredentials != nil:
		return "an app by itself (client credentials)"
	case sf.JWT != nil:
		return "a user's certificate (JWT)"
	case sf.RefreshToken != nil:
		return "an app that a person allowed in the browser"
	}
	return "a session's access token, which ends by itself"
}

// host is where a side is signed in to.
func (s *connectState) host(side core.Side) string {
	return [2]string{s.settings.Salesforce.LoginURL, s.settings.HubSpot.BaseURL}[side]
}

// stateSaid says what a colour of a whole preflight means.
var stateSaid = map[string][2]string{
	Green:  {"Green", "Both sides are ready for what the settings ask."},
	Yellow: {"Yellow", "It works; some things are worth a look."},
	Red:    {"Red", "Something has to be mended before everything can sync."},
}

// stateTone is how a colour of a preflight is shown.
var stateTone = map[string]string{Green: "good", Yellow: "look", Red: "bad"}

// accountWords are what an account of a side is called.
var accountWords = [2]string{"Org", "Portal"}
