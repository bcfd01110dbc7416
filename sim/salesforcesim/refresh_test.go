package salesforcesim

import (
	"testing"
	"time"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// A refreshed sandbox has another id and the same records; what was held of the
// old one is void.
func TestSandboxRefresh(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Sandbox = true })
	ok(t, w.org.SelectEntities("Account"))
	id := w.create("Account", `{"Name":"A"}`)
	old, user := w.org.Info().OrgID, w.org.integrationID
	replay := w.lastReplay("/data/ChangeEvents")
	refresh := must[string](t)(w.org.IssueRefreshToken("integration"))
	w.sim("refresh-sandbox", `{}`).want(200)
	if got := w.api("GET", "/sobjects/Account/"+id, "").want(401).code(); got != "INVALID_SESSION_ID" {
		t.Error(got)
	}
	w.refused(w.tokenForm("grant_type", "refresh_token", "refresh_token", refresh), "invalid_grant", "")
	w.token = w.integrationToken()
	org := w.one("Id, IsSandbox, InstanceName", "Organization", "Id != null")
	if org["Id"] == old || org["Id"] != w.org.Info().OrgID || org["InstanceName"] != "SIM2" || org["IsSandbox"] != true || w.token[:15] != strs(org["Id"])[:15] {
		t.Error(org, w.token[:15])
	}
	if a := w.one("Id, OwnerId", "Account", "Name = 'A'"); a["Id"] != id || a["OwnerId"] != user {
		t.Error(a)
	}
	w.raw("GET", "/id/"+old+"/"+user, "", "").want(403)
	w.raw("GET", "/id/"+strs(org["Id"])+"/"+user, "", "").want(200)
	if err := w.replayFrom("/data/ChangeEvents", replay); err == nil {
		t.Error("a replay id of the org before the refresh was taken")
	}
}

// A transaction may commit long after it set the stamps: a reader of what was
// changed lately does not see it in time, and later it is there with an old stamp.
func TestLateCommit(t *testing.T) {
	w := newEventWire(t)
	first := w.create("Account", `{"Name":"first"}`)
	w.clock.move(time.Hour)
	start := w.clock.now()
	w.sim("faults", `{"do":"late_commit"}`).want(400)
	w.sim("faults", `{"do":"late_commit","delay":"90s","match":{"object":"Account"},"times":2}`).want(200)
	w.create("Contact", `{"LastName":"in time"}`)
	w.clock.move(2 * time.Minute)
	late := w.create("Account", `{"Name":"late"}`)
	ok(t, w.org.As("admin").Update("Account", first, map[string]any{"Phone": "1"}))
	stamp := start.Add(30 * time.Second).Format("2006-01-02T15:04:05.000-0700")
	for _, id := range []string{late, first} {
		if got := w.one("SystemModstamp, LastModifiedDate", "Account", "Id = '"+id+"'"); got["SystemModstamp"] != stamp || got["LastModifiedDate"] != stamp {
			t.Errorf("%v, want %s", got, stamp)
		}
	}
	if got := w.one("CreatedDate", "Account", "Id = '"+late+"'"); got["CreatedDate"] != stamp {
		t.Error(got)
	}
	onTime := w.create("Account", `{"Name":"on time"}`)
	if got := w.one("Id", "Account", "SystemModstamp > "+start.Add(time.Minute).Format("2006-01-02T15:04:05Z")); got["Id"] != onTime {
		t.Error(got)
	}
	l := w.listen(w.org.Events().Conn())
	l.next()
	l.next() // the contact
	if h, b := l.next(); h["commitTimestamp"] != start.Add(2*time.Minute).UnixMilli() || strs(b["CreatedDate"]) != strs(start.Add(30*time.Second).UnixMilli()) {
		t.Error(h["commitTimestamp"], b["CreatedDate"], start.UnixMilli())
	}
	if e := w.org.Ledger(); e[len(e)-1].Time != w.clock.now() {
		t.Error(e[len(e)-1])
	}
}

// A stamp never runs back: who wrote the row before had it until then.
func TestLateCommitAfterAnotherWrite(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	before := w.one("SystemModstamp", "Account", "Id = '"+id+"'")["SystemModstamp"]
	w.clock.move(time.Second)
	ok(t, w.org.AddFault(Fault{Do: "late_commit", Delay: "1h"}))
	w.api("PATCH", "/sobjects/Account/"+id, `{"Name":"B"}`).want(204)
	if got := w.one("SystemModstamp", "Account", "Id = '"+id+"'")["SystemModstamp"]; got != before {
		t.Errorf("%v, want %v", got, before)
	}
}

// lastReplay gives the replay id of the first event of a topic.
func (w *wire) lastReplay(topic string) []byte {
	w.t.Helper()
	res, err := w.firstAnswer(&eventbuspb.FetchRequest{TopicName: topic, ReplayPreset: eventbuspb.ReplayPreset_EARLIEST, NumRequested: 1})
	ok(w.t, err)
	return res.GetEvents()[0].GetReplayId()
}

// replayFrom subscribes after a replay id and gives the refusal.
func (w *wire) replayFrom(topic string, id []byte) error {
	_, err := w.firstAnswer(&eventbuspb.FetchRequest{TopicName: topic, ReplayPreset: eventbuspb.ReplayPreset_CUSTOM, ReplayId: id, NumRequested: 1})
	return err
}

func (w *wire) firstAnswer(req *eventbuspb.FetchRequest) (*eventbuspb.FetchResponse, error) {
	client := eventbuspb.NewPubSubClient(realName{w.org.Events().Conn()})
	stream, err := client.Subscribe(w.eventContext())
	if err == nil {
		err = stream.Send(req)
	}
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}
