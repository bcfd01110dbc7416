package salesforcesim

import (
	"slices"

	"tandem/sim/salesforcesim/soql"
)

// standardObjects declares the objects of every org in the vendor's column
// order, which change events follow too.
func standardObjects() []objectSpec {
	return append(append(dataObjects(), salesObjects()...), setupObjects()...)
}

func dataObjects() []objectSpec {
	return []objectSpec{
		{name: "Account", plural: "Accounts", prefix: "001", kind: "data", cdc: true, merge: true, fields: accountFields()},
		{name: "Contact", plural: "Contacts", prefix: "003", kind: "data", cdc: true, merge: true, fields: contactFields()},
		{name: "Lead", plural: "Leads", prefix: "00Q", kind: "data", cdc: true, merge: true, fields: leadFields()},
		{name: "Opportunity", plural: "Opportunities", prefix: "006", kind: "data", cdc: true, fields: opportunityFields()},
		{name: "OpportunityContactRole", label: "Opportunity Contact Role", plural: "Opportunity Contact Role", prefix: "00K", kind: "data", cdc: true, fields: contactRoleFields},
		{name: "Task", plural: "Tasks", prefix: "00T", kind: "data", cdc: true, fields: taskFields},
		{name: "User", plural: "Users", prefix: "005", kind: "setup", cdc: true, fields: userFields()},
	}
}

func accountFields() []field {
	return join([]field{master("Account"), text("Name", "Account Name", 255).must().naming(), choice("Type", "Account Type", accountTypes),
		ref("ParentId", "Parent Account ID", "Parent", "ChildAccounts", "Account").elastic()},
		address("Billing", "Billing"), address("Shipping", "Shipping"), accountFacts)
}

var accountFacts = []field{
	phone("Phone", "Account Phone"), phone("Fax", "Account Fax"), text("AccountNumber", "Account Number", 40), link("Website", "Website"),
	photo(), text("Sic", "SIC Code", 20), choice("Industry", "Industry", industries), money("AnnualRevenue", "Annual Revenue"),
	whole("NumberOfEmployees", "Employees", 8), choice("Ownership", "Ownership", "Public|Private|Subsidiary|Other"), text("TickerSymbol", "Ticker Symbol", 20),
	area("Description", "Account Description", 32000), choice("Rating", "Account Rating", ratings), text("Site", "Account Site", 80), owner("User"),
	{name: "audit"},
	trail("date", "LastActivityDate", "Last Activity"), trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
	text("Jigsaw", "Data.com Key", 20), text("JigsawCompanyId", "Jigsaw Company ID", 20).readonly().fixed(),
	preset(choice("CleanStatus", "Clean Status", cleanStates).closed(), "Pending"), choice("AccountSource", "Account Source", sources),
	text("DunsNumber", "D-U-N-S Number", 9), text("Tradestyle", "Tradestyle", 255), text("NaicsCode", "NAICS Code", 8), text("NaicsDesc", "NAICS Description", 120),
	text("YearStarted", "Year Started", 4), text("SicDesc", "SIC Description", 80),
	ref("DandbCompanyId", "D&B Company ID", "DandbCompany", "", "DandBCompany"), ref("OperatingHoursId", "Operating Hour ID", "OperatingHours", "", "OperatingHours"),
}

// personName declares the parts of a person's name and the compound over them.
func personName(label string) []field {
	last := text("LastName", "Last Name", 80).must().in("Name")
	return []field{last, text("FirstName", "First Name", 40).in("Name"), choice("Salutation", "Salutation", salutations).in("Name"),
		computed(text("Name", label, 121).naming(), personNameOf)}
}

func photo() field {
	return computed(link("PhotoUrl", "Photo URL").fixed().silent(), func(_ *Org, r *record) value { return soql.Text("/services/images/photo/" + r.id) })
}

func contactFields() []field {
	return join([]field{master("Contact"), ref("AccountId", "Account ID", "Account", "Contacts", "Account").cascading()},
		personName("Full Name"), address("Other", "Other"), address("Mailing", "Mailing"), contactFacts)
}

var contactFacts = []field{
	phone("Phone", "Business Phone"), phone("Fax", "Business Fax"), phone("MobilePhone", "Mobile Phone"), phone("HomePhone", "Home Phone"), phone("OtherPhone", "Other Phone"),
	phone("AssistantPhone", "Asst. Phone"), ref("ReportsToId", "Reports To ID", "ReportsTo", "", "Contact").elastic(), email("Email", "Email"), text("Title", "Title", 128),
	text("Department", "Department", 80), text("AssistantName", "Assistant's Name", 40), choice("LeadSource", "Lead Source", sources), date("Birthdate", "Birthdate"),
	area("Description", "Contact Description", 32000), owner("User"), flag("HasOptedOutOfEmail", "Email Opt Out"), flag("HasOptedOutOfFax", "Fax Opt Out"), flag("DoNotCall", "Do Not Call"),
	{name: "audit"},
	trail("date", "LastActivityDate", "Last Activity"), trail("datetime", "LastCURequestDate", "Last Stay-in-Touch Request Date"), trail("datetime", "LastCUUpdateDate", "Last Stay-in-Touch Save Date"),
	trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
	text("EmailBouncedReason", "Email Bounced Reason", 255).fixed(), moment("EmailBouncedDate", "Email Bounced Date").fixed(),
	computed(flag("IsEmailBounced", "Is Email Bounced").fixed().silent(), func(_ *Org, r *record) value { return soql.Bool(!r.named("EmailBouncedDate").IsNull()) }),
	photo(), text("Jigsaw", "Data.com Key", 20), text("JigsawContactId", "Jigsaw Contact ID", 20).readonly().fixed(),
	preset(choice("CleanStatus", "Clean Status", cleanStates).closed(), "Pending"), ref("IndividualId", "Individual ID", "Individual", "", "Individual"),
}

func leadFields() []field {
	return join([]field{master("Lead")}, personName("Full Name"), []field{text("Title", "Title", 128), text("Company", "Company", 255).must()},
		address("", ""), leadFacts)
}

var leadFacts = []field{
	phone("Phone", "Phone"), phone("MobilePhone", "Mobile Phone"), phone("Fax", "Fax"), email("Email", "Email"), link("Website", "Website"), photo(),
	area("Description", "Description", 32000), choice("LeadSource", "Lead Source", sources), preset(choice("Status", "Status", leadStates), "Open - Not Contacted").fixed(),
	choice("Industry", "Industry", industries), choice("Rating", "Rating", ratings), money("AnnualRevenue", "Annual Revenue"), whole("NumberOfEmployees", "Employees", 8),
	owner("Group", "User"), flag("HasOptedOutOfEmail", "Email Opt Out"), flag("DoNotCall", "Do Not Call"), flag("HasOptedOutOfFax", "Fax Opt Out"),
	flag("IsConverted", "Converted").readonly().fixed(), date("ConvertedDate", "Converted Date").readonly().fixed(),
	ref("ConvertedAccountId", "Converted Account ID", "ConvertedAccount", "", "Account").readonly().fixed(),
	ref("ConvertedContactId", "Converted Contact ID", "ConvertedContact", "", "Contact").readonly().fixed(),
	ref("ConvertedOpportunityId", "Converted Opportunity ID", "ConvertedOpportunity", "", "Opportunity").readonly().fixed(),
	presetTrue(flag("IsUnreadByOwner", "Unread By Owner").fixed()),
	{name: "audit"},
	trail("date", "LastActivityDate", "Last Activity"), trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
	text("Jigsaw", "Data.com Key", 20), text("JigsawContactId", "Jigsaw Contact ID", 20).readonly().fixed(),
	preset(choice("CleanStatus", "Clean Status", cleanStates).closed(), "Pending"), text("CompanyDunsNumber", "Company D-U-N-S Number", 9),
	ref("DandbCompanyId", "D&B Company ID", "DandbCompany", "", "DandBCompany"), text("EmailBouncedReason", "Email Bounced Reason", 255).fixed(),
	moment("EmailBouncedDate", "Email Bounced Date").fixed(), ref("IndividualId", "Individual ID", "Individual", "", "Individual"),
}

func opportunityFields() []field {
	return []field{
		ref("AccountId", "Account ID", "Account", "Opportunities", "Account").cascading(), text("Name", "Name", 120).must().naming(), area("Description", "Description", 32000),
		choice("StageName", "Stage", stages).must(), number("currency", "Amount", "Amount", 18, 2), lateDefault(number("percent", "Probability", "Probability (%)", 3, 0)),
		computed(number("currency", "ExpectedRevenue", "Expected Amount", 18, 2), expectedRevenue).silent(), number("double", "TotalOpportunityQuantity", "Quantity", 18, 2),
		date("CloseDate", "Close Date").must(), choice("Type", "Opportunity Type", "Existing Customer - Upgrade|Existing Customer - Replacement|Existing Customer - Downgrade|New Customer"),
		text("NextStep", "Next Step", 255), choice("LeadSource", "Lead Source", sources),
		computed(flag("IsClosed", "Closed").fixed(), func(o *Org, r *record) value { return soql.Bool(o.stageOf(r).closed) }),
		computed(flag("IsWon", "Won").fixed(), func(o *Org, r *record) value { return soql.Bool(o.stageOf(r).won) }),
		computed(choice("ForecastCategory", "Forecast Category", "").fixed(), forecastCategory),
		overridable(choice("ForecastCategoryName", "Forecast Category", forecastNames).closed().fixed(), forecastName),
		ref("CampaignId", "Campaign ID", "Campaign", "Opportunities", "Campaign").loose(), flag("HasOpportunityLineItem", "Has Line Item").readonly().fixed(),
		ref("Pricebook2Id", "Price Book ID", "Pricebook2", "", "Pricebook2").fixed(), owner("User"),
		{name: "audit"},
		trail("date", "LastActivityDate", "Last Activity"),
		computed(whole("FiscalQuarter", "Fiscal Quarter", 1).fixed().silent(), fiscalQuarter), computed(whole("FiscalYear", "Fiscal Year", 4).fixed().silent(), fiscalYear),
		computed(text("Fiscal", "Fiscal Period", 6).fixed().silent(), fiscalPeriod),
		givenOnce(ref("ContactId", "Contact ID", "Contact", "", "Contact"), primaryContact),
		trail("datetime", "LastViewedDate", "Last Viewed Date"), trail("datetime", "LastReferencedDate", "Last Referenced Date"),
		flag("HasOpenActivity", "Has Open Activity").readonly().fixed().silent(), flag("HasOverdueTask", "Has Overdue Task").readonly().fixed().silent(),
	}
}

var contactRoleFields = []field{
	ref("OpportunityId", "Opportunity ID", "Opportunity", "OpportunityContactRoles", "Opportunity").must().createOnly().cascading(),
	ref("ContactId", "Contact ID", "Contact", "OpportunityContactRoles", "Contact").must().cascading(),
	choice("Role", "Role", "Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer|Technical Buyer|Other"),
	flag("IsPrimary", "Primary"),
}

var taskFields = slices.Concat([]field{
	ref("WhoId", "Name ID", "Who", "Tasks", "Contact", "Lead").cascading(), ref("WhatId", "Related To ID", "What", "Tasks", "Account", "Opportunity", "Case", "Campaign").cascading(),
	plain("combobox", "Subject", "Subject", 255), date("ActivityDate", "Due Date Only"), preset(choice("Status", "Status", taskStates), "Not Started").fixed(),
	preset(choice("Priority", "Priority", "High|*Normal|Low"), "Normal").fixed(),
	computed(flag("IsHighPriority", "High Priority").fixed().silent(), func(_ *Org, r *record) value { return soql.Bool(r.named("Priority").Str() == "High") }),
	owner("Group", "User"), area("Description", "Description", 32000), computed(ref("AccountId", "Account ID", "Account", "", "Account").fixed(), taskAccount),
	computed(flag("IsClosed", "Closed").fixed(), func(_ *Org, r *record) value { return soql.Bool(r.named("Status").Str() == taskClosed) }),
	{name: "audit"},
	archivedFlag, whole("CallDurationInSeconds", "Call Duration", 8), choice("CallType", "Call Type", "Internal|Inbound|Outbound"),
	text("CallDisposition", "Call Result", 255), text("CallObject", "Call Object Identifier", 255), moment("ReminderDateTime", "Reminder Date/Time"), flag("IsReminderSet", "Reminder Set"),
}, seriesFields("Task", "RecurringTasks", date("RecurrenceStartDateOnly", "Recurrence Start")), []field{
	choice("RecurrenceRegeneratedType", "Repeat This Task", "None|RecurrenceRegenerateAfterDueDate|RecurrenceRegenerateAfterToday|RecurrenceRegenerated"),
	preset(choice("TaskSubtype", "Task Subtype", "*Task|Email|Call|Cadence|LinkedIn").closed().createOnly(), "Task"),
	moment("CompletedDateTime", "Completed Date").readonly().fixed(),
})

func userFields() []field {
	last := text("LastName", "Last Name", 80).must().in("Name")
	return join([]field{text("Username", "Username", 80).must().distinct(), last, text("FirstName", "First Name", 40).in("Name"),
		computed(text("Name", "Full Name", 121).naming(), personNameOf), text("CompanyName", "Company Name", 80), text("Division", "Division", 80),
		text("Department", "Department", 80), text("Title", "Title", 80)}, address("", ""), userFacts)
}

var userFacts = []field{
	email("Email", "Email").must(), phone("Phone", "Phone"), phone("Fax", "Fax"), phone("MobilePhone", "Mobile"), text("Alias", "Alias", 8).must(),
	text("CommunityNickname", "Nickname", 40), flag("IsActive", "Active").fixed(), text("TimeZoneSidKey", "Time Zone", 40).must(), text("LocaleSidKey", "Locale", 40).must(),
	text("EmailEncodingKey", "Email Encoding", 40).must(), ref("ProfileId", "Profile ID", "Profile", "Users", "Profile").must(),
	preset(choice("UserType", "User Type", "*Standard|PowerPartner|CspLitePortal|CustomerSuccess|PowerCustomerSuccess|CsnOnly|Guest|AutomatedProcess|CloudIntegrationUser"), "Standard").readonly().fixed(),
	text("LanguageLocaleKey", "Language", 40).must(), text("EmployeeNumber", "Employee Number", 20), ref("ManagerId", "Manager ID", "Manager", "", "User"), ref("UserRoleId", "Role ID", "UserRole", "Users", "UserRole"),
	trail("datetime", "LastLoginDate", "Last Login"), text("FederationIdentifier", "SAML Federation ID", 512).distinct(),
}
