package salesforcesim

import (
	"time"

	"tandem/sim/salesforcesim/soql"
)

// RefreshSandbox does what a refresh of a sandbox from its production org does to
// those who are connected: the same records under their ids, in an org with another
// id on another instance. Sessions, refresh tokens, event streams, replay ids
// and query locators are void; the app's own credentials and the administrator's token for
// the controls go on.
func (o *Org) RefreshSandbox() {
	o.mu.Lock()
	organizations := o.objects["organization"]
	was := organizations.records.find(o.id())
	next := was.with([]assignment{{organizations.field("InstanceName"), soql.Text(orElse(nextInstance[was.named("InstanceName").Str()], "SIM1"))}})
	organizations.records.set(was, nil)
	next.id = o.newID(organizations)
	organizations.records.set(nil, next)
	o.orgID.Store(&next.id)
	o.mu.Unlock()
	o.ExpireSessions()
	o.RevokeGrants()
	o.cursor.closeAll()
	o.bus.Expire(o.now().Add(time.Second))
	o.bus.Disconnect()
}

var nextInstance = map[string]string{"SIM1": "SIM2", "SIM2": "SIM3"}
