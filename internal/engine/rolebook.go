package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// roleBook is what is known of contact roles since the pipelines were looked at.
type roleBook struct {
	on    bool     // contact roles can be read and written
	names []string // the roles of Salesforce's list
	known []string // those of them that HubSpot has a label for, in lower case
}

// openRoles looks at the roles of Salesforce and at HubSpot's labels. A user who may not
// see contact roles syncs deals without them.
func (e *Engine) openRoles(ctx context.Context, c *Conn) error {
	c.pipes.roles = roleBook{}
	labels, has := c.Sides[core.HubSpot].(connector.Labels)
	s, err := c.Sides[core.Salesforce].Describe(ctx, core.ContactRole)
	if class := connector.ClassOf(err); !has || class == core.ClassSchema || class == core.ClassRejected {
		return nil
	}
	if err != nil {
		return err
	}
	texts, err := labels.Labels(ctx, core.Deals, core.Contacts)
	if class := connector.ClassOf(err); class == core.ClassRejected || class == core.ClassAuth {
		texts, err = nil, nil // associations pass without their labels
	}
	book := roleBook{on: s.Creatable && s.Deletable}
	for _, f := range s.Fields {
		for _, o := range f.Options {
			if f.Name == roleName && o.Active {
				book.names = append(book.names, o.Value)
			}
		}
	}
	for _, t := range texts {
		book.known = append(book.known, strings.ToLower(t))
	}
	c.pipes.roles = book
	return err
}

// keepLabels makes the labels that HubSpot lacks for roles. One that it refuses is no
// role of a deal: the association passes without it.
func (e *Engine) keepLabels(ctx context.Context, c *Conn) error {
	labels, has := c.Sides[core.HubSpot].(connector.Labels)
	if !has || !c.pipes.roles.on {
		return nil
	}
	for _, name := range c.pipes.roles.names {
		if slices.Contains(c.pipes.roles.known, strings.ToLower(name)) {
			continue
		}
		err := labels.LabelCreate(ctx, core.Deals, core.Contacts, name)
		switch connector.ClassOf(err) {
		case core.ClassNone:
			if err != nil {
				return err
			}
			c.pipes.roles.known = append(c.pipes.roles.known, strings.ToLower(name))
		case core.ClassRejected, core.ClassAuth, core.ClassDuplicate, core.ClassSchema, core.ClassGone:
			e.Log.Warn("a label for contact roles could not be made; they pass without it", "connection", c.Settings.Name, "role", name, "cause", err)
		default:
			return err
		}
	}
	return nil
}

// roles are those of the book that both sides know; ok is false where contact roles do
// not sync.
func (c *Conn) roles() (book roleBook, ok bool) {
	c.pipes.mu.Lock()
	defer c.pipes.mu.Unlock()
	return c.pipes.roles, c.pipes.roles.on
}

// of is the role as both sides know it by the name of either; blank for any other text.
func (b roleBook) of(text string) string {
	i := slices.IndexFunc(b.names, func(n string) bool { return strings.EqualFold(n, text) })
	if i < 0 || !slices.Contains(b.known, strings.ToLower(text)) {
		return ""
	}
	return b.names[i]
}

// canon is the canonical value of a contact of a deal with the given roles or labels.
func (b roleBook) canon(texts []string) string {
	return roleMark + strings.Join(b.all(texts), ";")
}

func (b roleBook) all(texts []string) (out []string) {
	for _, t := range texts {
		if name := b.of(t); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// named are the roles of a canonical value.
func named(canonical string) []string {
	text := strings.TrimPrefix(canonical, roleMark)
	if text == "" {
		return nil
	}
	return strings.Split(text, ";")
}
