package conn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// A person account is an account and the contact behind it, which is no colleague of
// anybody: each of the two rows syncs with its own object pair. The contact may be
// changed by itself; what is made or deleted is the account (SOAP API Developer Guide,
// "Person Account Record Types").

// personFlag tells person accounts and their contacts from others. Orgs without
// person accounts do not have the field.
const personFlag = "IsPersonAccount"

// PersonContact names the contact behind a person account.
const PersonContact = "PersonContactId"

// IsPersonAccount reports a person account or the contact behind one (CON-10a).
func IsPersonAccount(rec *core.Record) bool { return rec != nil && rec.Values[personFlag] == "true" }

// Field is a field of a Salesforce object as the schema shows it.
func (c *Known) Field(object core.Object, name string) (connector.Field, bool) {
	fields := c.Schemas[core.Salesforce][object].Fields
	i := slices.IndexFunc(fields, func(f connector.Field) bool { return f.Name == name })
	if i < 0 {
		return connector.Field{}, false
	}
	return fields[i], true
}

// personTyper is a side that knows person accounts.
type personTyper interface {
	PersonTypes(ctx context.Context) ([]connector.RecordType, error)
}

// openPersons notes whether the org has person accounts, and finds the record type of the person accounts that HubSpot contacts
// become, where the settings make any (LIM-28).
func (c *Known) openPersons(ctx context.Context) error {
	_, c.Persons = c.Field(core.Account, personFlag)
	if !c.SyncsPeople() || !c.Settings.Contacts.FromHubSpot.Makes(config.BecomesPerson) {
		return nil
	}
	side, ok := c.Sides[core.Salesforce].(personTyper)
	if !c.Persons || !ok {
		return &room.Error{Code: room.CodeSchema, Message: "contacts.from_hubspot makes person accounts, and this Salesforce org has none (LIM-28)",
			Mend: "have Salesforce switch person accounts on, or write lead or contact"}
	}
	types, err := side.PersonTypes(ctx)
	if err != nil {
		return err
	}
	c.PersonType, err = choosePersonType(types, c.Settings.Contacts.PersonRecordType)
	return err
}

// choosePersonType is the record type that is named, or the only one.
func choosePersonType(types []connector.RecordType, named string) (string, error) {
	names := make([]string, len(types))
	for i, t := range types {
		if named != "" && (strings.EqualFold(t.Name, named) || core.ID18(named) == t.ID) {
			return t.ID, nil
		}
		names[i] = t.Name
	}
	switch {
	case named == "" && len(types) == 1:
		return types[0].ID, nil
	case len(types) == 0:
		return "", &room.Error{Code: room.CodeSchema, Message: "contacts.from_hubspot makes person accounts, and no record type for them is active or visible (LIM-28)",
			Mend: "activate one in Salesforce and assign it to the integration user's profile"}
	}
	message := "there are several record types for person accounts (LIM-28): "
	if named != "" {
		message = fmt.Sprintf("%q is no active record type for person accounts (LIM-28); there are ", named)
	}
	return "", &room.Error{Code: room.CodeSchema, Message: message + strings.Join(names, ", "), Mend: "name one of them in contacts.person_record_type"}
}
