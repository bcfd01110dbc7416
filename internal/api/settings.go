package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (s *service) settings() {
	const root = "/connections/{connection}/settings"
	huma.Register(s.api, get("get-settings", root, "The settings of a connection, as YAML"), s.getSettings)
	huma.Register(s.api, get("list-settings", root+"/versions", "The versions of the settings, the newest first"), s.listSettings)
	huma.Register(s.api, get("compare-settings", root+"/changes", "What differs between two versions of the settings"), s.compareSettings)
	huma.Register(s.api, operation("save-settings", http.MethodPost, root, "Save settings, or tell what they would do", store.Admin), s.saveSettings)
}

// settingsRequest names a version of settings.
type settingsRequest struct {
	About
	Version int64 `query:"version" minimum:"0" doc:"absent for the newest"`
}

// version is one version of settings.
type version struct {
	Version  int64     `json:"version"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Settings string    `json:"settings,omitempty" doc:"YAML, as tandem settings export writes it; absent in a list"`
}

func (s *service) getSettings(ctx context.Context, in *settingsRequest) (*answer[version], error) {
	v, err := s.version(ctx, in.About, in.Version)
	return &answer[version]{Body: version{Version: v.Version, At: v.At, By: v.By, Settings: string(v.Body)}}, err
}

// version gives a version of a connection's settings; 0 for the newest.
func (s *service) version(ctx context.Context, a About, number int64) (v store.Settings, err error) {
	e, c, err := s.known(ctx, a)
	if err != nil {
		return v, err
	}
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		if number > 0 {
			v, err = tx.SettingsAt(c.ID, number)
			return err
		}
		v, _, err = tx.SettingsLatest(c.ID)
		return err
	})
	return v, s.problem(err)
}

// Back names a page of a list that begins with the newest.
type Back struct {
	About
	Before int64 `query:"before" minimum:"0" doc:"the next of the page before"`
	Limit  int   `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

type versionPage struct {
	Versions []version `json:"versions"`
	Next     int64     `json:"next,omitempty" doc:"where the next page begins; absent on the last"`
}

func (s *service) listSettings(ctx context.Context, in *Back) (*answer[versionPage], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	var all []store.Settings
	err = e.View(ctx, func(tx *store.Tx) (err error) { all, err = tx.SettingsBack(c.ID, in.Before, in.Limit+1); return err })
	out := &answer[versionPage]{Body: versionPage{Versions: []version{}}}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		out.Body.Next = all[in.Limit-1].Version
	}
	for _, v := range all {
		out.Body.Versions = append(out.Body.Versions, version{Version: v.Version, At: v.At, By: v.By})
	}
	return out, s.problem(err)
}

type compareRequest struct {
	About
	From int64 `query:"from" required:"true" minimum:"1"`
	To   int64 `query:"to" required:"true" minimum:"1"`
}

func (s *service) compareSettings(ctx context.Context, in *compareRequest) (*answer[[]config.Change], error) {
	before, err := s.version(ctx, in.About, in.From)
	if err != nil {
		return nil, err
	}
	after, err := s.version(ctx, in.About, in.To)
	if err != nil {
		return nil, err
	}
	all, err := config.Diff(before.Body, after.Body)
	return &answer[[]config.Change]{Body: append([]config.Change{}, all...)}, s.problem(err)
}

type saveRequest struct {
	About
	Body struct {
		Settings string `json:"settings" minLength:"1" maxLength:"1000000" doc:"YAML; what it leaves out stays as it is"`
		Base     int64  `json:"base" minimum:"1" doc:"the version that they were made from; one that is not the newest any more is refused"`
		DryRun   bool   `json:"dry_run,omitempty" doc:"tell what they would do, and save nothing"`
	}
}

// saved tells what saving settings did, or would do.
type saved struct {
	Version int64              `json:"version" doc:"that counts"`
	Changed bool               `json:"changed"`
	DryRun  bool               `json:"dry_run"`
	Meaning []string           `json:"meaning" doc:"what it does, in words"`
	Scope   []engine.Admission `json:"scope" doc:"whom a changed filter, list or switch lets in and leaves out; by a dry run alone"`
	People  *engine.Choice     `json:"people,omitempty" doc:"what HubSpot's contacts would become, where that changes; by a dry run alone"`
}

func (s *service) saveSettings(ctx context.Context, in *saveRequest) (*answer[saved], error) {
	if _, _, err := s.known(ctx, in.About); err != nil {
		return nil, err
	}
	var done console.Applied
	o := console.Order{Connection: in.Connection, By: caller(ctx), Settings: in.Body.Settings, Base: in.Body.Base, DryRun: in.Body.DryRun}
	if err := s.do(ctx, "settings", o, &done); err != nil {
		return nil, err
	}
	out := &answer[saved]{Body: saved{Version: done.Version, Changed: done.Changed, DryRun: done.DryRun, Meaning: some(done.Meaning), Scope: append([]engine.Admission{}, done.Scope...), People: done.People}}
	if in.Body.DryRun {
		return out, nil
	}
	return out, s.note(ctx, "save settings", map[string]any{"connection": in.Connection, "version": done.Version, "made from": in.Body.Base})
}
