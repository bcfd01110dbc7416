package salesforce

import (
	"context"
	"fmt"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// behind is the field of a person account that names the contact behind it.
const behind = "PersonContactId"

// A person account is inserted as an account, and Salesforce makes the contact along
// with it: a contact cannot be put behind an account (SOAP API Developer Guide, "Person
// Account Record Types"). Who asks for a contact is answered with its id, and errors
// name the contact's fields.

// makesPersons reports creates of contacts that stand behind person accounts.
func makesPersons(ops []core.Op) bool { return ops[0].Kind == core.OpCreate && ops[0].Person != "" }

// writePersons inserts person accounts for ops that ask for the contacts behind them.
func (c *Client) writePersons(ctx context.Context, ops []core.Op) ([]core.Outcome, error) {
	outs, err := c.Write(ctx, accountsOf(ops))
	if err != nil {
		return nil, err
	}
	return c.contactsOf(ctx, ops, outs), nil
}

// accountsOf are the inserts of accounts that stand for those of contacts.
func accountsOf(ops []core.Op) []core.Op {
	out := make([]core.Op, len(ops))
	for i, op := range ops {
		fields := map[string]string{"RecordTypeId": op.Person}
		for name, value := range op.Fields {
			fields[core.PersonField(name)] = value
		}
		op.Target.Object, op.Fields, op.UniqueField, op.Person = core.Account, fields, core.PersonField(op.UniqueField), ""
		out[i] = op
	}
	return out
}

// contactsOf turns the outcomes of accounts into those of the contacts behind them. A
// contact whose id cannot be read is settled later, by its key.
func (c *Client) contactsOf(ctx context.Context, ops []core.Op, outs []core.Outcome) []core.Outcome {
	var made []string
	for _, o := range outs {
		if o.Status == core.Applied {
			made = append(made, o.ID)
		}
	}
	ids := map[string]string{}
	recs, err := c.behind(ctx, made)
	for i := range recs {
		ids[made[i]], _ = recs[i].Get(behind)
	}
	for i := range outs {
		o := &outs[i]
		o.Fields = contactFields(ops[i], o.Fields)
		if o.Status != core.Applied {
			continue
		}
		if account := o.ID; ids[account] == "" {
			o.Status, o.Class, o.Code, o.ID = core.Unknown, core.ClassTransient, connector.CodeNetwork, ""
			o.Message = "the person account " + account + " was made, and the contact behind it is not known yet"
			if err != nil {
				o.Message += fmt.Sprintf(": %v", err)
			}
			continue
		}
		o.ID = ID18(ids[o.ID])
	}
	return outs
}

func (c *Client) behind(ctx context.Context, accounts []string) ([]core.Record, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	return c.Read(ctx, connector.Query{Object: core.Account, Values: accounts, Fields: []string{behind}})
}

// contactFields are the op's own names of the fields that were blamed.
func contactFields(op core.Op, blamed []string) []string {
	var out []string
	for _, name := range blamed {
		for field := range op.Fields {
			if strings.EqualFold(core.PersonField(field), name) {
				name = field
			}
		}
		out = append(out, name)
	}
	return out
}

// PersonTypes lists the active record types of person accounts, by name. An org
// without person accounts has none.
func (c *Client) PersonTypes(ctx context.Context) ([]connector.RecordType, error) {
	rows, err := c.records(ctx, "query", "RecordType", []string{"Id", "DeveloperName"}, "SobjectType = 'Account' AND IsPersonType = true AND IsActive = true", " ORDER BY DeveloperName")
	out := make([]connector.RecordType, len(rows))
	for i := range rows {
		out[i].ID = rows[i].Ref.ID
		out[i].Name, _ = rows[i].Get("DeveloperName")
	}
	return out, err
}
