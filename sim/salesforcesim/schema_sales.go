package salesforcesim

import (
	"slices"

	"tandem/sim/salesforcesim/soql"
)

// salesObjects declares meetings, cases, campaigns and products.
func salesObjects() []objectSpec {
	return []objectSpec{
		{name: "Event", plural: "Events", prefix: "00U", kind: "data", cdc: true, fields: eventFields},
		{name: "EventRelation", label: "Event Relation", plural: "Event Relations", prefix: "0RE", kind: "data", cdc: true, fields: relationFields},
		{name: "TaskRelation", label: "Task Relation", plural: "Task Relations", prefix: "0RT", kind: "data", cdc: true, absent: true, fields: taskRelationFields},
		{name: "Case", plural: "Cases", prefix: "500", kind: "data", cdc: true, merge: true, fields: caseFields()},
		{name: "Campaign", plural: "Campaigns", prefix: "701", kind: "data", cdc: true, fields: campaignFields},
		{name: "CampaignMember", label: "Campaign Member", plural: "Campaign Members", prefix: "00v", kind: "data", cdc: true, fields: campaignMemberFields()},
		{name: "Product2", label: "Product", plural: "Products", prefix: "01t", kind: "data", cdc: true, fields: productFields},
		{name: "Pricebook2", label: "Price Book", plural: "Price Books", prefix: "01s", kind: "data", cdc: true, fields: pricebookFields},
		{name: "PricebookEntry", label: "Price Book Entry", plural: "Price Book Entries", prefix: "01u", kind: "data", cdc: true, fields: pricebookEntryFields},
		{name: "OpportunityLineItem", label: "Opportunity Product", plural: "Opportunity Product", prefix: "00k", kind: "data", cdc: true, fields: lineItemFields},
	}
}

var eventFields = slices.Concat([]field{
	ref("WhoId", "Name ID", "Who", "Events", "Contact", "Lead").cascading(), ref("WhatId", "Related To ID", "What", "Events", "Account", "Opportunity", "Case", "Campaign").cascading(),
	plain("combobox", "Subject", "Subject", 255), text("Location", "Location", 255), flag("IsAllDayEvent", "All-Day Event"), moment("ActivityDateTime", "Due Date Time"),
	date("ActivityDate", "Due Date Only"), whole("DurationInMinutes", "Duration", 8), moment("StartDateTime", "Start Date Time"), moment("EndDateTime", "End Date Time"),
	area("Description", "Description", 32000), computed(ref("AccountId", "Account ID", "Account", "", "Account").fixed(), taskAccount), owner("User"),
	flag("IsPrivate", "Private"), preset(choice("ShowAs", "Show Time As", "*Busy|OutOfOffice=Out of Office|Free"), "Busy"),
	{name: "audit"},
	archivedFlag, flag("IsChild", "Is Child").readonly().fixed(), flag("IsGroupEvent", "Is Group Event").readonly().fixed(),
	moment("ReminderDateTime", "Reminder Date/Time"), flag("IsReminderSet", "Reminder Set"),
	preset(choice("EventSubtype", "Event Subtype", "*Event").closed().createOnly(), "Event"),
}, seriesFields("Event", "RecurringEvents", moment("RecurrenceStartDateTime", "Recurrence Start")), patternFields)

const (
	caseStates     = "*New|Working|Escalated|Closed"
	caseClosed     = "Closed"
	memberStates   = "*Sent|Responded"
	memberResponse = "Responded"
)

func caseFields() []field {
	number := numbered(text("CaseNumber", "Case Number", 30).naming().readonly(), "{00000000}")
	return []field{master("Case"), number, ref("ContactId", "Contact ID", "Contact", "Cases", "Contact"), ref("AccountId", "Account ID", "Account", "Cases", "Account"),
		ref("AssetId", "Asset ID", "Asset", "", "Asset"), ref("ParentId", "Parent Case ID", "Parent", "Cases", "Case").elastic(),
		text("SuppliedName", "Name", 80), email("SuppliedEmail", "Email Address"), phone("SuppliedPhone", "Phone"), text("SuppliedCompany", "Company", 80),
		choice("Type", "Case Type", "Mechanical|Electrical|Electronic|Structural|Other"), preset(choice("Status", "Status", caseStates), "New").fixed(),
		choice("Reason", "Case Reason", "Installation|Equipment Complexity|Performance|Breakdown|Equipment Design|Feedback|Other"), choice("Origin", "Case Origin", "Phone|Email|Web"),
		text("Subject", "Subject", 255), preset(choice("Priority", "Priority", "High|*Medium|Low"), "Medium"), area("Description", "Description", 32000),
		computed(flag("IsClosed", "Closed").fixed(), func(_ *Org, r *record) value { return soql.Bool(r.named("Status").Str() == caseClosed) }),
		moment("ClosedDate", "Closed Date").readonly().fixed(), flag("IsEscalated", "Escalated"), owner("Group", "User"),
		{name: "audit"},
		ofParent("phone", "ContactPhone", "Contact Phone", 40, "ContactId", "Phone"), ofParent("phone", "ContactMobile", "Contact Mobile", 40, "ContactId", "MobilePhone"),
		ofParent("email", "ContactEmail", "Contact Email", 80, "ContactId", "Email"), ofParent("phone", "ContactFax", "Contact Fax", 40, "ContactId", "Fax"),
		area("Comments", "Internal Comments", 4000).silent(), trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
	}
}

// ofParent is a read-only column that shows a parent's value.
func ofParent(typ, name, label string, length int, reference, column string) field {
	return computed(plain(typ, name, label, length).fixed().silent(), func(o *Org, r *record) value {
		if parent := o.find(r.named(reference).Str()); parent != nil && parent.object.field(column) != nil {
			return o.value(parent, parent.object.field(column))
		}
		return value{}
	})
}

var campaignFields = []field{
	text("Name", "Name", 80).must().naming(), ref("ParentId", "Parent Campaign ID", "Parent", "ChildCampaigns", "Campaign").loose(),
	choice("Type", "Type", "Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other"),
	preset(choice("Status", "Status", "*Planned|In Progress|Completed|Aborted"), "Planned"), date("StartDate", "Start Date"), date("EndDate", "End Date"),
	money("ExpectedRevenue", "Expected Revenue in Campaign"), money("BudgetedCost", "Budgeted Cost in Campaign"), money("ActualCost", "Actual Cost in Campaign"),
	number("percent", "ExpectedResponse", "Expected Response (%)", 10, 2), number("double", "NumberSent", "Num Sent in Campaign", 18, 0), flag("IsActive", "Active"),
	area("Description", "Description", 32000),
	members("NumberOfLeads", "Leads in Campaign", func(m *record) bool { return !m.named("LeadId").IsNull() }),
	members("NumberOfConvertedLeads", "Converted Leads in Campaign", func(m *record) bool { return !m.named("LeadId").IsNull() && !m.named("ContactId").IsNull() }),
	members("NumberOfContacts", "Contacts in Campaign", func(m *record) bool { return !m.named("ContactId").IsNull() }),
	members("NumberOfResponses", "Responses in Campaign", responded),
	deals("NumberOfOpportunities", "Opportunities in Campaign", false, false), deals("NumberOfWonOpportunities", "Won Opportunities in Campaign", true, false),
	deals("AmountAllOpportunities", "Value Opportunities in Campaign", false, true), deals("AmountWonOpportunities", "Value Won Opportunities in Campaign", true, true),
	owner("User"),
	{name: "audit"},
	trail("date", "LastActivityDate", "Last Activity"), trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
}

func responded(m *record) bool { return m.named("Status").Str() == memberResponse }

// members counts the members of a campaign that a test picks.
func members(name, label string, counts func(*record) bool) field {
	return computed(whole(name, label, 9).fixed().silent(), func(o *Org, r *record) value {
		n := 0
		for m := range o.related("campaignmember", "CampaignId", r.id) {
			if counts(m) {
				n++
			}
		}
		return soql.Number(float64(n))
	})
}

// deals counts or sums the opportunities of a campaign.
func deals(name, label string, wonOnly, amount bool) field {
	f := whole(name, label, 9)
	if amount {
		f = money(name, label)
	}
	return computed(f.fixed().silent(), func(o *Org, r *record) value {
		n := 0.0
		for d := range o.related("opportunity", "CampaignId", r.id) {
			switch {
			case wonOnly && !o.stageOf(d).won:
			case amount:
				n += d.named("Amount").Num()
			default:
				n++
			}
		}
		return soql.Number(n)
	})
}

func campaignMemberFields() []field {
	shown := func(typ, name, label string, length int) field {
		return computed(plain(typ, name, label, length).fixed().silent(), func(o *Org, r *record) value {
			if who := o.memberOf(r); who != nil && who.object.field(name) != nil {
				return o.value(who, who.object.field(name))
			}
			return value{}
		})
	}
	return []field{
		ref("CampaignId", "Campaign ID", "Campaign", "CampaignMembers", "Campaign").must().createOnly().cascading(),
		ref("LeadId", "Lead ID", "Lead", "CampaignMembers", "Lead").createOnly().cascading().fixed(), ref("ContactId", "Contact ID", "Contact", "CampaignMembers", "Contact").createOnly().cascading().fixed(),
		preset(choice("Status", "Status", memberStates), "Sent").fixed(),
		computed(flag("HasResponded", "Responded").fixed().silent(), func(_ *Org, r *record) value { return soql.Bool(responded(r)) }),
		{name: "audit"},
		date("FirstRespondedDate", "First Responded Date").readonly().fixed(), shown("picklist", "Salutation", "Salutation", 40), shown("string", "Name", "Name", 121),
		shown("string", "FirstName", "First Name", 40), shown("string", "LastName", "Last Name", 80), shown("string", "Title", "Title", 128), shown("email", "Email", "Email", 80),
		shown("phone", "Phone", "Phone", 40), shown("phone", "Fax", "Fax", 40), shown("phone", "MobilePhone", "Mobile", 40), shown("textarea", "Description", "Description", 32000),
		shown("boolean", "DoNotCall", "Do Not Call", 0), shown("boolean", "HasOptedOutOfEmail", "Email Opt Out", 0), shown("boolean", "HasOptedOutOfFax", "Fax Opt Out", 0),
		shown("picklist", "LeadSource", "Lead Source", 255),
		computed(text("CompanyOrAccount", "Company (Account)", 255).fixed().silent(), companyOfMember),
		computed(choice("Type", "Type", "Lead|Contact").fixed().silent(), func(o *Org, r *record) value {
			if who := o.memberOf(r); who != nil {
				return soql.Text(who.object.name)
			}
			return value{}
		}),
		computed(ref("LeadOrContactId", "Related Record ID", "LeadOrContact", "", "Lead", "Contact").fixed().silent(), func(o *Org, r *record) value {
			if who := o.memberOf(r); who != nil {
				return soql.Text(who.id)
			}
			return value{}
		}),
	}
}

// memberOf is the contact of a member, or the lead while it is none.
func (o *Org) memberOf(r *record) *record {
	if c := o.find(r.named("ContactId").Str()); c != nil {
		return c
	}
	return o.find(r.named("LeadId").Str())
}

func companyOfMember(o *Org, r *record) value {
	who := o.memberOf(r)
	if who == nil {
		return value{}
	}
	if who.object.name == "Lead" {
		return who.named("Company")
	}
	if account := o.find(who.named("AccountId").Str()); account != nil {
		return account.named("Name")
	}
	return value{}
}

var productFields = []field{
	text("Name", "Product Name", 255).must().naming(), text("ProductCode", "Product Code", 255), area("Description", "Product Description", 4000), flag("IsActive", "Active"),
	{name: "audit"},
	choice("Family", "Product Family", "None"), text("ExternalId", "External ID", 255), link("DisplayUrl", "Display URL"), choice("QuantityUnitOfMeasure", "Quantity Unit Of Measure", "Each"),
	flag("IsArchived", "Archived").readonly().fixed(), trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
	text("StockKeepingUnit", "Product SKU", 180),
}

var pricebookFields = []field{
	text("Name", "Price Book Name", 255).must().naming(),
	{name: "audit"},
	flag("IsActive", "Active"), flag("IsArchived", "Archived").readonly().fixed(), text("Description", "Description", 255), flag("IsStandard", "Is Standard Price Book").readonly().fixed(),
	trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
}

var pricebookEntryFields = []field{
	ofParent("string", "Name", "Product Name", 255, "Product2Id", "Name"), ref("Pricebook2Id", "Price Book ID", "Pricebook2", "PricebookEntries", "Pricebook2").must().createOnly().cascading(),
	ref("Product2Id", "Product ID", "Product2", "PricebookEntries", "Product2").must().createOnly().cascading(), number("currency", "UnitPrice", "List Price", 18, 2).must(),
	flag("IsActive", "Active"), flag("UseStandardPrice", "Use Standard Price"),
	{name: "audit"},
	ofParent("string", "ProductCode", "Product Code", 255, "Product2Id", "ProductCode"), flag("IsArchived", "Archived").readonly().fixed(),
}

var lineItemFields = []field{
	ref("OpportunityId", "Opportunity ID", "Opportunity", "OpportunityLineItems", "Opportunity").must().createOnly().cascading(), whole("SortOrder", "Sort Order", 9),
	ref("PricebookEntryId", "Price Book Entry ID", "PricebookEntry", "OpportunityLineItems", "PricebookEntry").createOnly().fixed(),
	ref("Product2Id", "Product ID", "Product2", "OpportunityLineItems", "Product2").createOnly().fixed(), ofParent("string", "ProductCode", "Product Code", 255, "Product2Id", "ProductCode"),
	ofParent("string", "Name", "Opportunity Product Name", 376, "Product2Id", "Name"), number("double", "Quantity", "Quantity", 12, 2).must(), number("currency", "TotalPrice", "Total Price", 18, 2).fixed(),
	number("currency", "UnitPrice", "Sales Price", 18, 2).fixed(), number("percent", "Discount", "Discount", 5, 2), ofParent("currency", "ListPrice", "List Price", 0, "PricebookEntryId", "UnitPrice"), date("ServiceDate", "Date"),
	text("Description", "Line Description", 255),
	{name: "audit"},
}
