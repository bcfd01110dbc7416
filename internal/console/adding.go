package console

import (
	"errors"
	"net/http"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// newForm is the page by which a connection is added.
type newForm struct {
	given   NewConnection
	where   string // one of those below, or besidePrefix with a connection's name
	domain  string
	others  []orgOf
	trouble *Trouble
}

// orgOf is the org of a connection that is there.
type orgOf struct{ connection, org string }

// Where the org of a new connection is signed in to. A sandbox and Government Cloud may have
// a My Domain as well.
const (
	atProduction = "production"
	atSandbox    = "sandbox"
	atDomain     = "domain"
	besidePrefix = "beside "
)

// addRoutes are those of adding a connection, and of taking it back.
func (c *Console) addRoutes(mux *routes) {
	mux.Handle("GET /connections/new", c.as(store.Admin, c.newPage))
	mux.Handle("POST /connections/new", c.as(store.Admin, c.addConnection))
	mux.Handle("POST /c/{connection}/connect/remove", c.as(store.Admin, c.removeConnection))
}

func (c *Console) newPage(v *visit) error {
	f := &newForm{where: atProduction, given: NewConnection{Profile: config.Tandem}}
	if beside := v.r.URL.Query().Get("beside"); beside != "" {
		f.where, f.given.UpdateOnly = besidePrefix+beside, true
	}
	return c.showNew(v, f)
}

// showNew shows the form with the orgs that are there already.
func (c *Console) showNew(v *visit, f *newForm) error {
	err := c.Store.View(v.r.Context(), func(tx *store.Tx) error {
		for _, name := range v.connections {
			row, err := tx.Connection(name)
			if err != nil && store.CodeOf(err) != store.NotFound {
				return err
			}
			f.others = append(f.others, orgOf{name, row.Accounts[core.Salesforce]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.show(newConnectionView(v, f))
}

// filledNew is what was filled in.
func filledNew(v *visit) *newForm {
	text := func(key string) string { return strings.TrimSpace(v.r.PostFormValue(key)) }
	f := &newForm{where: text("where"), domain: text("domain")}
	f.given = NewConnection{Name: text("name"), By: v.who.Name, Profile: config.Profile(text("profile")), Portal: text("portal")}
	beside, shared := strings.CutPrefix(f.where, besidePrefix)
	switch {
	case shared:
		f.given.Beside, f.given.UpdateOnly = beside, text("update_only") != ""
	case f.where == atProduction:
		f.given.LoginURL = "https://login.salesforce.com"
	case f.where == atSandbox:
		f.given.LoginURL = "https://test.salesforce.com"
	default:
		f.given.LoginURL = f.domain
	}
	return f
}

// addConnection makes the connection and leads to where it is signed in.
func (c *Console) addConnection(v *visit) error {
	f := filledNew(v)
	err := c.Gate.Add(v.r.Context(), f.given)
	if err == nil {
		err = c.note(v, v.who.Name, "add connection", map[string]string{"connection": f.given.Name})
	}
	if err == nil {
		return v.to(at(f.given.Name, "connect") + "?added=1")
	}
	var wrong *config.Error
	t := c.Tell(err)
	switch {
	case errors.As(err, &wrong):
		f.trouble = &Trouble{Message: capital(wrong.Message) + ".", Mend: wrong.Mend}
	case t.Code == "failed":
		return err
	default:
		f.trouble = &t
	}
	v.w.WriteHeader(http.StatusUnprocessableEntity)
	return c.showNew(v, f)
}

// removeConnection takes back a connection that was added here.
func (c *Console) removeConnection(v *visit) error {
	if err := c.Gate.Remove(v.r.Context(), v.connection, v.who.Name); err != nil {
		return err
	}
	return v.to("/")
}
