package hubspot

import (
	"context"
	"net/http"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// ChoicesAdd adds options to a property. A patch replaces all options (properties guide),
// so that those which stand are sent along.
func (c *Client) ChoicesAdd(ctx context.Context, object core.Object, field string, more []connector.Option) ([]connector.Option, error) {
	var p wireProperty
	if _, err := c.call(ctx, request{method: http.MethodGet, path: propertiesPath(object, field)}, &p); err != nil {
		return nil, err
	}
	had := len(p.Options)
	for _, o := range more {
		if !slices.ContainsFunc(p.Options, func(w wireOption) bool { return w.Value == o.Value }) {
			p.Options = append(p.Options, p.labelled(o))
		}
	}
	if len(p.Options) > had {
		body := map[string]any{"options": p.Options}
		if _, err := c.call(ctx, request{method: http.MethodPatch, path: propertiesPath(object, field), body: body}, nil); err != nil {
			return nil, err
		}
	}
	return p.field().Options, nil
}

// labelled is an option with a label that no other has, behind all others.
func (p *wireProperty) labelled(o connector.Option) wireOption {
	return wireOption{Label: p.free(o.Label, o.Value), Value: o.Value, Order: len(p.Options)}
}

// free is a label that no option of the property has.
func (p *wireProperty) free(label, value string) string {
	if label == "" || slices.ContainsFunc(p.Options, func(have wireOption) bool { return have.Label == label }) {
		return distinct(label, value)
	}
	return label
}

// distinct is a label that is told apart from equal ones by its value.
func distinct(label, value string) string { return label + " (" + value + ")" }

// ChoicesRename gives options of a property other labels. All of these are given up first,
// so that two may take each other's.
func (c *Client) ChoicesRename(ctx context.Context, object core.Object, field string, labelsOf func(values []string) (map[string]string, error)) error {
	var p wireProperty
	if _, err := c.call(ctx, request{method: http.MethodGet, path: propertiesPath(object, field)}, &p); err != nil {
		return err
	}
	values := make([]string, len(p.Options))
	for i, o := range p.Options {
		values[i] = o.Value
	}
	labels, err := labelsOf(values)
	if err != nil {
		return err
	}
	var other []int
	for i, o := range p.Options {
		if want := labels[o.Value]; want != "" && o.Label != want && o.Label != distinct(want, o.Value) {
			other = append(other, i)
		}
	}
	if len(other) == 0 {
		return nil
	}
	for _, i := range other {
		p.Options[i].Label = ""
	}
	for _, i := range other {
		p.Options[i].Label = p.free(labels[p.Options[i].Value], p.Options[i].Value)
	}
	_, err = c.call(ctx, request{method: http.MethodPatch, path: propertiesPath(object, field), body: map[string]any{"options": p.Options}}, nil)
	return err
}
