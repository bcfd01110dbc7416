package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// seed inserts a record of the org's own making: no checks of rights, no
// ledger, no event. It panics on a mistake in the built-in data.
func (o *Org) seed(objectName string, pairs ...any) string {
	ob := o.objects[strings.ToLower(objectName)]
	var sets []assignment
	for i := 0; i < len(pairs); i += 2 {
		f := ob.field(pairs[i].(string))
		v, errs := f.coerce(pairs[i+1])
		if len(errs) > 0 {
			panic(errs.Error())
		}
		sets = append(sets, assignment{f, v})
	}
	t := &tx{o: o, by: actor{userID: o.adminID, system: true}, at: o.now().Unix(), seen: o.now().Unix()}
	id, errs := t.insert(ob, sets)
	if len(errs) > 0 {
		panic("seed " + objectName + ": " + errs.Error())
	}
	return id
}

// setUp makes the records that an org has from its first day.
func (o *Org) setUp() {
	id := o.seed("Organization", "Name", "Simulated Org", "OrganizationType", o.edition(), "IsSandbox", o.options().Sandbox, "InstanceName", "SIM1",
		"DefaultLocaleSidKey", "en_US", "LanguageLocaleKey", "en_US", "TimeZoneSidKey", o.options().TimeZone, "FiscalYearStartMonth", 1)
	o.orgID.Store(&id)
	o.seedStages()
	o.seed("Pricebook2", "Name", "Standard Price Book", "IsActive", true, "IsStandard", true)
	admins := o.seedProfile("System Administrator", true)
	standard := o.seedProfile("Standard User", false)
	api := o.seedProfile("Minimum Access - API Only Integrations", false)
	o.adminID = o.seedUser("admin", "Ada", "Admin", admins.profile)
	o.integrationID = o.seedUser("integration", "Integration", "User", api.profile)
	o.robotID = o.seedUser("autoproc", "Automated", "Process", standard.profile)
	robot := o.find(o.robotID)
	o.objects["user"].records.set(robot, robot.with([]assignment{{robot.object.field("UserType"), soql.Text("AutomatedProcess")}}))
	set := o.seed("PermissionSet", "Name", "Integration", "Label", "Integration", "IsCustom", true, "Type", "Regular",
		permAPI, true, permCustomize, true, permManageSets, true, permViewAll, false)
	o.seed("PermissionSetAssignment", "PermissionSetId", set, "AssigneeId", o.integrationID)
	o.assignProfile(o.adminID, admins)
	o.assignProfile(o.integrationID, api)
	o.assignProfile(o.robotID, standard)
	for _, s := range []string{admins.set, standard.set, set} {
		o.grantAll(s)
	}
	for _, ob := range o.objects {
		for _, r := range ob.records.rows {
			r.createdBy, r.modifiedBy = o.adminID, o.adminID
		}
	}
}

// edition gives the name under which the API shows an edition.
func (o *Org) edition() string {
	if o.options().Edition == "Group Edition" {
		return "Team Edition"
	}
	return o.options().Edition
}

// apiEnabled: the small editions come without the API.
func (o *Org) apiEnabled() bool {
	switch o.edition() {
	case "Team Edition", "Contact Manager Edition", "Base Edition", "Personal Edition":
		return false
	}
	return !o.auth.apiOff.Load()
}

type profileIDs struct{ profile, set string }

func (o *Org) seedProfile(name string, admin bool) profileIDs {
	id := o.seed("Profile", "Name", name, "UserType", "Standard")
	set := o.seed("PermissionSet", "Name", "X"+id[:15], "Label", name, "ProfileId", id, "IsOwnedByProfile", true, "Type", "Profile",
		permAPI, true, permViewAll, admin, permModifyAll, admin, permCustomize, admin, permManageSets, admin, permManageUsers, admin)
	return profileIDs{id, set}
}

func (o *Org) assignProfile(user string, p profileIDs) {
	o.seed("PermissionSetAssignment", "PermissionSetId", p.set, "AssigneeId", user)
}

func (o *Org) seedUser(name, first, last, profile string) string {
	host := o.options().MyDomain + ".example.com"
	return o.seed("User", "Username", name+"@"+host, "FirstName", first, "LastName", last, "Email", name+"@"+host, "Alias", cut(name, 8, true), "IsActive", true,
		"ProfileId", profile, "TimeZoneSidKey", o.options().TimeZone, "LocaleSidKey", "en_US", "EmailEncodingKey", "UTF-8", "LanguageLocaleKey", "en_US")
}

// grantAll gives a permission set every right on the data objects.
func (o *Org) grantAll(set string) {
	for _, name := range sortedKeys(o.objects) {
		ob := o.objects[name]
		if ob.setup {
			continue
		}
		o.grantObject(set, ob)
	}
}

// grantObject gives a permission set every right on one object and its fields.
func (o *Org) grantObject(set string, ob *object) {
	o.seed("ObjectPermissions", "ParentId", set, "SobjectType", ob.name, "PermissionsCreate", true, "PermissionsRead", true, "PermissionsEdit", true,
		"PermissionsDelete", true, "PermissionsViewAllRecords", true, "PermissionsModifyAllRecords", true)
	for _, f := range ob.fields {
		if f.permissionable {
			o.grantField(set, f, true)
		}
	}
}

func (o *Org) grantField(set string, f *field, edit bool) {
	writable := f.compute == nil && f.formula == nil || f.typ == "address" || f.typ == "location" || f.once
	o.seed("FieldPermissions", "ParentId", set, "SobjectType", f.object.name, "Field", f.object.name+"."+f.name, "PermissionsRead", true, "PermissionsEdit", edit && writable)
}

var builtInStages = []struct {
	name string
	stage
}{
	{"Prospecting", stage{category: "Pipeline", categoryName: "Pipeline", probability: 10}},
	{"Qualification", stage{category: "Pipeline", categoryName: "Pipeline", probability: 10}},
	{"Needs Analysis", stage{category: "Pipeline", categoryName: "Pipeline", probability: 20}},
	{"Value Proposition", stage{category: "Pipeline", categoryName: "Pipeline", probability: 50}},
	{"Id. Decision Makers", stage{category: "Pipeline", categoryName: "Pipeline", probability: 60}},
	{"Perception Analysis", stage{category: "Pipeline", categoryName: "Pipeline", probability: 70}},
	{"Proposal/Price Quote", stage{category: "BestCase", categoryName: "Best Case", probability: 75}},
	{"Negotiation/Review", stage{category: "Forecast", categoryName: "Commit", probability: 90}},
	{"Closed Won", stage{closed: true, won: true, category: "Closed", categoryName: "Closed", probability: 100}},
	{"Closed Lost", stage{closed: true, category: "Omitted", categoryName: "Omitted"}},
}

func (o *Org) seedStages() {
	for _, s := range builtInStages {
		o.seedStage(s.name, s.stage)
	}
	for i, p := range picksOf(leadStates) {
		o.seed("LeadStatus", "MasterLabel", p.value, "ApiName", p.value, "SortOrder", i+1, "IsDefault", p.byDefault, "IsConverted", p.value == convertedStatus)
	}
	o.seedStatuses("TaskStatus", taskStates, taskClosed)
	o.seedStatuses("CaseStatus", caseStates, caseClosed)
}

func (o *Org) seedStage(name string, s stage) {
	o.stages[strings.ToLower(name)] = s
	o.seed("OpportunityStage", "MasterLabel", name, "ApiName", name, "IsActive", true, "SortOrder", len(o.stages), "IsClosed", s.closed, "IsWon", s.won,
		"ForecastCategory", s.category, "ForecastCategoryName", s.categoryName, "DefaultProbability", s.probability)
}

func (o *Org) seedStatuses(object, states, closed string) {
	for i, p := range picksOf(states) {
		o.seed(object, "MasterLabel", p.value, "ApiName", p.value, "SortOrder", i+1, "IsDefault", p.byDefault, "IsClosed", p.value == closed)
	}
}

// taskClosed is the only status that closes a task.
const taskClosed = "Completed"

// convertedStatus is the only lead status that a conversion may end in.
const convertedStatus = "Closed - Converted"
