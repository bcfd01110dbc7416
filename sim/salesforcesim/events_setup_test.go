package salesforcesim

import "testing"

func TestManagedEventSubscriptionsAreToolingRecords(t *testing.T) {
	w := newWire(t).asAdmin()
	define := func(name, meta string) reply {
		return w.api("POST", "/tooling/sobjects/ManagedEventSubscription", `{"FullName":"`+name+`","Metadata":{"topicName":"/data/AccountChangeEvent",`+meta+`}}`)
	}
	id := define("One", `"state":"RUN","defaultReplay":"EARLIEST"`).want(201).object()["id"].(string)
	if code := define("One", `"state":"RUN"`).want(400).code(); code != "DUPLICATE_DEVELOPER_NAME" {
		t.Error(code)
	}
	if code := define("Two", `"state":"GO"`).want(400).code(); code != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" {
		t.Error(code)
	}
	for _, name := range []string{id, id[:15], "One"} {
		if m, ok := w.org.managedSubscription(name); !ok || m.ID != id || !m.Running || !m.Earliest || m.RecoverEarliest || m.Topic != "/data/AccountChangeEvent" {
			t.Errorf("%s: %+v %v", name, m, ok)
		}
	}
	w.api("PATCH", "/tooling/sobjects/ManagedEventSubscription/"+id, `{"Metadata":{"topicName":"/data/AccountChangeEvent","state":"STOP"}}`).want(204)
	if m, _ := w.org.managedSubscription(id); m.Running {
		t.Error("still running after STOP")
	}
	w.api("DELETE", "/tooling/sobjects/ManagedEventSubscription/"+id, "").want(204)
	if _, ok := w.org.managedSubscription("One"); ok {
		t.Error("a deleted subscription can be opened")
	}
}

func TestPlatformEventsAreNamedAsTheVendorNamesThem(t *testing.T) {
	o := newWire(t).org
	ok(t, o.AddEvent(EventSpec{Name: "Order", Fields: []FieldSpec{{Name: "Note__c", Type: "Text"}}}))
	if e, found := o.eventEntity("Order__e"); !found || len(e.Fields) != 1 || e.Fields[0].Type != "string" {
		t.Errorf("%+v", e)
	}
	for _, s := range []EventSpec{{Name: "1x"}, {Name: "X", Fields: []FieldSpec{{Name: "Note", Type: "Text"}}}, {Name: "X", Fields: []FieldSpec{{Name: "Note__c", Type: "Blob"}}}} {
		if o.AddEvent(s) == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}
