package salesforce

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// persons are creates of contacts behind person accounts, each with its key and title.
func persons(kind string, titles ...string) []core.Op {
	var ops []core.Op
	for i, title := range titles {
		key := string(rune('a' + i))
		ops = append(ops, core.Op{Key: "op-" + key, Kind: core.OpCreate, Pair: core.ContactPair, Target: core.Ref{Object: core.Contact}, Person: kind,
			Fields: map[string]string{"LastName": "L" + key, "Title": title}, UniqueField: "Key__c", UniqueValue: "hs-" + key})
	}
	return ops
}

// LIM-28: whoever asks for the contact of a new person account is answered with the
// contact's id and the contact's field names, and at most once.
func TestLIM28_APersonIsInsertedAsAnAccount(t *testing.T) {
	org, c := simulated(t)
	org.EnablePersonAccounts()
	ctx := context.Background()
	if _, err := c.Ensure(ctx, core.Contact, []connector.FieldSpec{{Name: "Key__c", Label: "Key", Type: "text", Length: 64, Unique: true}}); err != nil {
		t.Fatal(err)
	}
	types := must(c.PersonTypes(ctx))
	if len(types) != 1 || types[0].Name != "PersonAccount" || !strings.HasPrefix(types[0].ID, "012") {
		t.Fatalf("record types %+v", types)
	}
	outs := must(c.Write(ctx, persons(types[0].ID, "CEO", strings.Repeat("x", 100))))
	if outs[0].Status != core.Applied || !strings.HasPrefix(outs[0].ID, "003") {
		t.Fatalf("outcome %+v, want a contact", outs[0])
	}
	if outs[1].Status != core.Rejected || !slices.Equal(outs[1].Fields, []string{"Title"}) {
		t.Errorf("outcome %+v, want the contact's Title blamed", outs[1])
	}
	recs := must(c.Read(ctx, connector.Query{Object: core.Contact, Values: []string{outs[0].ID}, Fields: []string{"LastName", "Title", "Key__c", "IsPersonAccount"}}))
	if v := recs[0].Values; v["LastName"] != "La" || v["Title"] != "CEO" || v["Key__c"] != "hs-a" || v["IsPersonAccount"] != "true" {
		t.Errorf("the contact is %+v", v)
	}
	again := must(c.Write(ctx, persons(types[0].ID, "CEO")))
	if again[0].Status != core.Rejected || again[0].Class != core.ClassDuplicate {
		t.Errorf("a second person with the key: %+v", again[0])
	}
}
