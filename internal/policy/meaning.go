package policy

import (
	"cmp"
	"strconv"
	"strings"
)

//go:generate go test -run TestBehaviourDocumentIsCurrent -update .

// meaning is what a requirement's id stands for: in a few words beside the id,
// and in docs/behaviour.md with more to it where that helps.
type meaning struct{ id, says, more string }

// meanings has a row for every id that any output names, and for those that only
// tests show, in order.
var meanings = []meaning{
	{"ACC-1", "accounts and companies sync only while company sync is on", "The switch is `companies.sync`, off until a person turns it on."},
	{"ACC-2", "an import creates nothing while company sync is off", "So an import is refused rather than run to no effect."},
	{"ACC-3", "an account made after the switch gets a company by itself", "It needs no contact for that."},
	{"ACC-4", "an older account syncs once it is imported or edited", "Records that existed before the switch stay away until `tandem import company` or an edit of the record. A sweep that merely sees a record is no edit."},
	{"ACC-7", "what lets a company make an account", "Any of 7a, 7b and 7c, unless 8a, 8b or 8c stands against it; with `companies.create_account: classic`."},
	{"ACC-7a", "HubSpot made the company by itself, and its people become contacts", "Told by the company's record source. Where HubSpot gives none, this does not hold."},
	{"ACC-7b", "one of the company's people is a Salesforce contact without an account", ""},
	{"ACC-7c", "one of the company's people qualifies for the inclusion list", "Without a list everybody qualifies."},
	{"ACC-8", "what keeps a company from making an account", "Any of 8a, 8b and 8c; it wins against 7a to 7c."},
	{"ACC-8a", "the company has no people", ""},
	{"ACC-8b", "leads have no account", "A company all of whose people are leads, or are about to become leads, gets none, and a person who is a lead has no account relation to sync."},
	{"ACC-8c", "nobody at the company qualifies for the inclusion list", ""},
	{"ACC-10", "a person's resync makes the account whatever the other rules say", "`tandem resync company ID`. Only the filters and the pause stand above it."},
	{"ACC-12", "a contact's lifecycle stage passes to the company", "Where it is further on: `lifecycle.company_follows_contact`. What a person sets back on the company stays until a contact's stage changes again."},
	{"ACC-13", "people keep the same company on both sides", "The account of a Salesforce contact and the primary company of its HubSpot contact are partners."},
	{"ACC-14", "a link between an account and a company is one to one and stays", "What made the link does not matter later: a linked pair in scope syncs by its field rules. People who move to another company are related to that one's account."},
	{"ACC-15", "companies can be limited by a list and a filter of their own", "`companies.inclusion_list`, `companies.filter.from_hubspot`."},
	{"ACC-16", "deals never lose their account by the order of the switches", "Deals sync only together with companies, and an account is only ever exchanged for another."},
	{"ACT-1", "what is done in HubSpot becomes a task in Salesforce", "Tasks, calls, e-mails, meetings and notes, each type by its switch, about the same person, and the same deal or company; one that is about nothing that syncs is not made. Marketing e-mail that was sent, opened or clicked, forms, and events of the events API (`activities.timeline`): of a person who is not linked yet they wait (`activities.timeline.wait`). Each makes at most one task."},
	{"ACT-2", "each kind of activity has a switch of its own", "What happened before it is switched on, or while it is off, is not brought over."},
	{"ACT-3", "what repeated opens and clicks of an e-mail make", "One task each in `classic`, also those that HubSpot takes for a machine's; one task for all in `tandem`: `activities.timeline.repeats` and `bots`. Whoever opens a forwarded e-mail counts as the person it was sent to."},
	{"ACT-4", "tasks and events of Salesforce are made in HubSpot", "Tasks, calls, e-mails and meetings, each type by its switch. Those that existed before stay away until they are imported or edited. Private events, invitees' copies and the record of a series stay in any case."},
	{"ACT-5", "an activity keeps who and what it is about, its date, text and owner", "What is taken away on one side is not taken away on the other: it is only ever exchanged for another."},
	{"ACT-6", "edits of activities pass both ways where both directions of the type are switched on", ""},
	{"ACT-7", "e-mails that Einstein Activity Capture shows do not sync", "They are no records of Salesforce. An e-mail that is kept as a task passes as a task does."},
	{"ACT-8", "what a task says is set by type of activity", "`mappings` has a list for each type of records, in place of the usual fields; the kinds of `activities.timeline` have `fields`, with what is told in braces."},
	{"ACT-9", "what the deletion of an activity does on the other side is set by type", ""},
	{"ACT-10", "what an activity is about passes both ways, tickets and custom objects included", "The associations of tickets and of custom objects: CASE-2, CO-4."},
	{"ACT-11", "how a task reads", "Subject, type and status of each kind are set (AMB-11)."},
	{"AMB-3", "the domain is a match key only where the settings name it", "And then only where one record of each side has it, and it is no mail provider's."},
	{"AMB-4", "a field that Salesforce demands is asked for, never made up", "The record waits as an issue (ERR-9); a new lead's blank Company stays blank where the org has person accounts (CON-11)."},
	{"AMB-5", "of several records that may be the same, none is chosen by guess", "The record waits in review: `tandem links review` lists them, `tandem links link` chooses, `tandem links apart` says that they are different."},
	{"AMB-8", "how a reference is written into a text or a choice", "As the id, or as the name where the mapping says `reference: name`."},
	{"AMB-9", "a box unticked in Salesforce while HubSpot is opted out is ticked again", ""},
	{"AMB-10", "the currency of an opportunity is the currency of its deal", "`CurrencyIsoCode` and `deal_currency_code`, where both sides have several."},
	{"AMB-11", "subject, type and status of the tasks that are made are set", "By type. Left out, the subject says what it was, as `Call: TITLE`; the status is `Completed`. An edit of the title changes what stands in its place."},
	{"AMB-12", "what the deletion of a HubSpot contact does in Salesforce", "`contacts.when_hubspot_deleted`; a merge is never a deletion."},
	{"AMB-13", "when a partner is gone the other record stays, without a link", "Nothing is made again for it until a person asks. Absence alone is no proof of a deletion: that takes an entry in the recycle bin, a deletion event or a privacy request."},
	{"AMB-15", "the day of a moment is the one in the org's time zone", "Where a date is mapped to a date and time, on either side. `time_zone` names another one (docs/mappings.md)."},
	{"AMB-16", "who drops out of the list or a filter stops in both directions", ""},
	{"AMB-17", "an activity's owner passes where the users match", "By the same map as of other records."},
	{"AMB-18", "tickets pass both ways in tandem, and from Salesforce alone in classic", "`tickets.from_hubspot` changes it. The original began one-way, and is known to have lists for tickets by now."},
	{"AMB-19", "how strictly owners are matched", "By the e-mail address, or by name and address as in classic: `owners.match`. The case of letters does not count."},
	{"AMB-20", "a contact without an account gets the one its company has", ""},
	{"AMB-22", "unless set, a deletion does nothing, people pass both ways, and become leads", "What the original does at first is not known. Decided, in both profiles: `contacts.from_salesforce: create_or_update`, `contacts.from_hubspot: lead`, and `nothing` for every `when_salesforce_deleted` and `when_hubspot_deleted` of people and companies."},
	{"API-1", "calls of the last 24 hours are counted against your share", "`allocated_calls`, or `daily_api_calls` of each side; `tandem status` and Sync health in the console show both."},
	{"API-2", "with the share used up, work waits and nothing is lost", ""},
	{"API-3", "the account's own daily limit stops every integration", "It belongs to the org or portal; Tandem can only leave its own share unused."},
	{"CAMP-1", "the campaigns of a lead or contact are listed in HubSpot", "In `salesforcecampaignids`, once `campaigns.sync` is on (docs/campaigns.md). A conversion or a merge takes the memberships along, as Salesforce does."},
	{"CAMP-2", "a form of HubSpot makes a member of an active campaign", "Which one it names in `sfcampaignid`. A campaign that is not active is an issue until it is."},
	{"CAMP-3", "only an active campaign can be imported", "`tandem import contact --campaign ID` brings in its members."},
	{"CAMP-4", "HubSpot can say who is a member of a campaign, and with which status", "By the list of campaigns (`campaigns.from_hubspot`), or by a property for a campaign (`campaigns.members`) that a workflow or a person sets."},
	{"CASE-1", "cases and tickets sync once ticket sync is on", "The switch is `tickets.sync`. A new, edited or imported record makes its partner; those that existed before, or before `tickets.from_salesforce` or `tickets.from_hubspot` became `create_or_update`, stay away until then."},
	{"CASE-2", "tickets follow processes, accounts, contacts and deletions as set", "Each support process has a pipeline: `Salesforce - [record type ID]`, or `Salesforce - Default` where there is one process only; stages are open or closed as in Salesforce. `tickets.associate_company` and `tickets.associate_contact` switch the associations, `tickets.when_salesforce_deleted` the deletion. Subject and stage are required."},
	{"CO-1", "the custom object of HubSpot exists first", "Custom objects take an Enterprise subscription; `tandem check` says which object is missing."},
	{"CO-2", "the number of custom objects is not limited", "The original takes ten (LIM-15)."},
	{"CO-3", "each custom object has its directions, deletions and winner", "`custom_objects[]`: what a record of either side does on the other, what a deletion does, and whose value is taken where both sides changed a field. Nothing of it syncs while its own `sync` is off."},
	{"CO-4", "lookups of the Salesforce object are associations in HubSpot", "With a label or without, to companies, contacts, deals, tickets and other custom objects, both ways, removals too."},
	{"CO-5", "custom objects pass both ways", "A new, edited or imported record makes its partner; those that existed before, or before its direction became `create_or_update`, stay away until then."},
	{"CON-1", "leads and contacts come into HubSpot once they are imported or edited", "People who existed before contact sync was switched on, or before `contacts.from_salesforce` became `create_or_update`, stay away until then."},
	{"CON-2", "a new lead or contact gets a HubSpot contact by itself", "Also outside the inclusion list, which limits updates and the way to Salesforce."},
	{"CON-3", "a HubSpot contact becomes a lead or a contact as set", "`contacts.from_hubspot`: never both."},
	{"CON-4", "somebody with the e-mail address is there already and is linked", "Also where it is one of several addresses of a HubSpot contact; then each side keeps its own first address until one is edited."},
	{"CON-5", "a converted lead is continued by its contact", "A converted lead can never be written again."},
	{"CON-6", "people without an e-mail address do not sync to Salesforce", "Nor do those outside the inclusion list."},
	{"CON-7", "the company name as text passes to leads alone", "Of a contact the company is its account, which passes by company sync (ACC-13)."},
	{"CON-8", "a lead needs a last name and a company", "Without them it is an issue, and nobody is made (ERR-9, AMB-4)."},
	{"CON-9", "a contact without an account syncs, and gets the one its company is given", ""},
	{"CON-10", "a person account is one company and one contact of its name", "What its account has of its own passes with the company, what its contact has with the contact. Its name is made of its parts, so that the company's name never passes to it. `contacts.person_accounts`."},
	{"CON-10a", "a person account is told by its mark, and has no people", "`IsPersonAccount`. No company is matched by the contact behind it, which is the person itself."},
	{"CON-11", "HubSpot makes no person account unless that is set", "A new lead's blank Company stays blank, so that it converts to a person account."},
	{"CONV-1", "dates pass as days, whatever the hour and the zone", "A date stays the same day on both sides; a date and time is cut to its day, or filled up to the beginning of that day (docs/mappings.md)."},
	{"CONV-2", "files and attachments do not pass", "Neither does the original pass them. A field that holds one cannot be mapped."},
	{"CONV-3", "products and line items pass where that is switched on", "The original passes none. `products.sync` and `line_items.sync` (LIM-14)."},
	{"DEAL-1", "deals sync with companies, and take their company from there", "`deals.sync` is refused at load while company sync is off. A deal whose account has no partner is made without one, and gets it once the account is linked."},
	{"DEAL-2", "opportunities and deals sync only while deal sync is on", "The switch is `deals.sync`; an import while it is off is refused."},
	{"DEAL-3", "each sales process has a pipeline, and each of its stages a stage there", "`Salesforce - [record type ID]`, or `Salesforce - Default` where there is one process only. Records without a record type have a pipeline as well. Names, order and probability follow Salesforce; a stage that only HubSpot has is left alone, and none is deleted. `deals.pipelines` joins a record type to a pipeline of yours instead, in which nothing is changed."},
	{"DEAL-4", "HubSpot's subscription limits the pipelines", "A record type whose pipeline HubSpot refuses does not sync, and its opportunities say so."},
	{"DEAL-5", "a deal in a pipeline that does not sync stops, and goes on once it is moved back", "An issue names both pipelines meanwhile. Likewise an opportunity of a record type without a pipeline. `deals.pipelines` makes a pipeline of HubSpot one that syncs."},
	{"DEAL-6", "deleting the opportunity deletes the deal, never the other way round, in classic", "In tandem a deletion does nothing unless set: `deals.when_salesforce_deleted`, `deals.when_hubspot_deleted`."},
	{"DEAL-7", "a new, edited or imported opportunity makes a deal", "Those that existed before deal sync was switched on stay away until `tandem import deal` or an edit."},
	{"DEAL-8", "a new, edited or imported deal in a pipeline that syncs makes an opportunity", "No inclusion list has a say in it."},
	{"DEAL-9", "the people of a deal are the contact roles of its opportunity", "Each role is a label of the association between deal and contact, made where HubSpot lacks it; roles and associations pass both ways, removals too. Whoever is linked with a lead has none."},
	{"DEAL-10", "orgs with several currencies sync their opportunities", "The original did not, as far as is known (AMB-10)."},
	{"DEAL-11", "deals are the same by their stored ids alone", "Never by name: `hs_salesforceopportunityid`, and a unique key on each side, which keeps a second copy from being made."},
	{"DEDUP-1", "people are the same by e-mail address alone", "A contact is chosen before a lead, then the oldest. Equal names prove nothing."},
	{"DEDUP-2", "of several people with one address one gets the partner", "The contact before the lead, then the oldest: the same one whoever asks and whenever."},
	{"DEDUP-3", "who was edited last does not take a partner over", "The link stays with whom it was made (LIM-6), so no values flap between two records."},
	{"DEDUP-4", "of people merged in Salesforce the survivor goes on", "With the loser's partner where it had none itself."},
	{"DEDUP-5", "a merge on one side asks for one on the other", "Tandem merges nothing by itself: the loser's partner waits in `tandem links review`."},
	{"DEDUP-6", "deals and opportunities are never taken for one another", ""},
	{"DEDUP-7", "companies and accounts are the same by stored id, then by their people", "While some of the people are not known yet, nothing is created."},
	{"DEDUP-8", "a Salesforce duplicate rule refused the record", ""},
	{"DEDUP-9", "the e-mail address belongs to another contact already", ""},
	{"DEDUP-10", "companies that are merged in HubSpot stay in step", ""},
	{"DEDUP-11", "one record claims a partner that is linked with another", "It waits in review. A unique key field on each side keeps a second copy from being made."},
	{"DEL-1", "a lead or contact that is deleted in Salesforce", "Does in HubSpot what SET-4 says: nothing unless set."},
	{"DEL-2", "a contact that is deleted in HubSpot", "Does in Salesforce what AMB-12 says: nothing unless set."},
	{"DEL-3", "an opportunity that is deleted takes its deal along", ""},
	{"DEL-4", "deleted, and it had no partner", ""},
	{"DEL-5", "a deletion outside the inclusion list is seen as any other", "The original misses it (LIM-16)."},
	{"DEL-6", "a merge is no deletion, however it is announced", "Salesforce announces the loser as deleted."},
	{"DEL-7", "a deletion can be flagged on the record that is left", "With `flag` in the setting: `salesforcedeleted` in HubSpot, and in Salesforce a checkbox of Tandem's own, which `tandem init --fields` makes. Taken back when the record is in step again."},
	{"ERR-2", "issues have the original's categories, and new ones are told as often as set", "`notify.every`: `instant`, `daily` or `weekly`."},
	{"ERR-3", "a reference or an association could not be made", ""},
	{"ERR-4", "a validation rule, flow or trigger in Salesforce refused the write", ""},
	{"ERR-5", "a duplicate rule or an address in use refused the record", "DEDUP-8 and DEDUP-9."},
	{"ERR-6", "the integration does not see the record or field, or may not write it", "Gone and hidden look the same from outside, so nothing is deleted for it."},
	{"ERR-7", "one side does not know a value of a choice", "The field stays as it is, the rest of the record syncs. Add the option, or map the value under `values`."},
	{"ERR-8", "a mapped field is missing, hidden, or cannot be written", ""},
	{"ERR-9", "a value does not fit: too long, out of range, wrong form, or missing", ""},
	{"ERR-10", "what failed is tried again by itself", "Every 30 minutes (`retry.every`), until 75 % of the daily share is used (`retry.stop_at_share`)."},
	{"I2", "one record is created for one, whatever timed out", "A create without an answer is looked up by its key before anything is sent again."},
	{"I4", "no value is lost unseen", "A value that was overwritten while Tandem wrote stands in `tandem conflicts`."},
	{"I10", "many deletes, an emptied side or another mass change wait for a person", "`tandem status` shows the brake; `tandem resume --clear-brake KIND` releases it."},
	{"I13", "applying a plan writes what it shows, or refuses", "A record that changed since the plan was made is left for the next plan."},
	{"IMP-1", "an import brings in people and companies that existed before", "`tandem import contact` and `tandem import company`."},
	{"IMP-2", "an import brings in all mapped fields", "The original brings the address alone (LIM-30)."},
	{"IMP-3", "people without an e-mail address are not brought in", "People are the same by their address alone."},
	{"IMP-4", "an import of people is refused while contact sync is off", ""},
	{"IMP-5", "one person can be brought in by hand", "`tandem resync contact ID`."},
	{"INC-1", "without an inclusion list everybody qualifies", "`contacts.inclusion_list` names one."},
	{"INC-2", "the original's default list of 2017", "Only who is chosen by `contacts.inclusion_list` counts."},
	{"INC-3", "outside the inclusion list nothing passes in either direction", "What exists on the other side stays (INC-10), and syncs again once the contact is back in the list."},
	{"INC-4", "only an active list can be the inclusion list", ""},
	{"INC-5", "choosing a list moves nobody by itself", "Who is in it waits for a trigger; who joins it later is one (TRIG-8)."},
	{"INC-6", "the list must be evaluated on the new values first", "Else a record would sync by the membership it is about to lose."},
	{"INC-7", "who left the list and comes back goes on with the same partner", ""},
	{"INC-8", "each object but deals and activities can have an inclusion list", "`companies.inclusion_list` says which companies sync, as `contacts.inclusion_list` does of people; whose companies get accounts is asked of the contacts' list (ACC-7c, ACC-8c). Tickets (`tickets.inclusion_list`) and each custom object have one too."},
	{"INC-9", "the list keeps nobody of Salesforce out of HubSpot", "`contacts.filter.from_salesforce` does (LIM-11)."},
	{"INC-10", "who leaves the inclusion list stops syncing, and nothing is deleted", "Coming back resumes the old link (INC-7)."},
	{"INST-1", "HubSpot's tier matters for its limits only", ""},
	{"INST-2", "the Salesforce edition must have API access", "Group Edition has none."},
	{"INST-3", "the integration's user needs rights on what syncs, and no more", "`tandem check` names each missing one."},
	{"INST-5", "what the integration's user does not see cannot sync", ""},
	{"INST-6", "a connection belongs to one portal and one org", "Both are pinned; other credentials are refused."},
	{"INST-7", "several portals may be in step with one org", "Then `contacts.from_salesforce: update_only` keeps the people of one portal out of the other."},
	{"INST-8", "connecting two sides syncs nothing by itself", "A company from before the switch waits for an edit, an import, or a change of its people."},
	{"INST-10", "the master switch is off", "`tandem pause` and `tandem resume`."},
	{"INST-11", "the connection is disconnected", "Records, links and settings stay; `tandem resume` connects again."},
	{"INST-12", "after a disconnect an admin is told what to reassign", "By mail where `notify` is set."},
	{"INST-14", "the version of the Salesforce API is pinned", ""},
	{"LIFE-1", "what happens in Salesforce moves lifecycle stages only where that is set", "`lifecycle.automatic_transitions` (docs/lifecycle.md)."},
	{"LIFE-2", "a role on an open opportunity makes an opportunity, on a won one a customer", "Of contacts that sync, whether or not deals do."},
	{"LIFE-3", "a role on an opportunity that was won before makes a customer too", "Also one that is older than the setting, at the next look at the contact."},
	{"LIFE-4", "a lifecycle stage never moves back by itself", "What acted once acts no more: a stage that a person sets back stays until something new happens."},
	{"LIFE-5", "a lifecycle stage of HubSpot changes nothing in Salesforce by itself", "No lead is converted, whatever the stage; a field of your own can be mapped to it (MAP-16)."},
	{"LIFE-6", "three settings make everybody of the account a customer", "Company sync, the automatic transitions and `lifecycle.contacts_follow_company`; and one contact of the account has a role on the opportunity."},
	{"LIFE-7", "with company sync, the stage of a contact passes to the company", "ACC-12."},
	{"LIFE-8", "the status of a lead and the lead status of HubSpot are a mapping", "Of the proposed ones (MAP-10), value by value (LIM-22)."},
	{"LIM-1", "changes are followed as they happen", "By change events and the webhooks journal; polls and sweeps back them up."},
	{"LIM-4", "records can be matched by other keys, such as the domain", "`companies.match` and `contacts.match` list the keys in order of trust, docs/matching.md says what each finds. What is only similar is never linked unless `similar: link` is set, and then only where it is certain."},
	{"LIM-5", "whether a contact becomes a lead or a contact can be a rule", "`contacts.from_hubspot` with `rules`: the first that holds decides; none holding, nothing is created."},
	{"LIM-6", "a person's link stays with the record it was made with", "It does not jump between a lead and a contact with the same address; conversion, a merge or a person changes it."},
	{"LIM-7", "a merge is followed, never taken for a deletion", "The survivor takes over the link, or the other record waits for a merge or a decision."},
	{"LIM-8", "repeats make one task, and each type of activities has filters and fields of its own", "By a key of the kind, the e-mail and the address. A filter leaves out what it does not hold for."},
	{"LIM-9", "no order of switches takes data away", "What deals need is checked, and refused with the reason (ACC-16)."},
	{"LIM-10", "whether companies make accounts is a setting", "`companies.create_account`: classic, always, never or an expression."},
	{"LIM-11", "filters limit what syncs in each direction", "`companies.filter` and `contacts.filter`."},
	{"LIM-12", "an opt-out passes for every known address, synced or not", "Outside lists and filters, without a link, and for every lead and contact with the address. Not in classic (OPT-4)."},
	{"LIM-13", "consent is one state that only HubSpot's own word lifts", "What one side undid is done again (OPT-5)."},
	{"LIM-14", "products and line items sync where that is switched on", "`products.sync` and `line_items.sync`, off in both profiles. A new, edited or imported record makes its partner; those that existed before stay away until then. A price passes to its entry of one price book and back, in its own currency; a line item passes with its product and its deal once both are linked. The amount of an opportunity with products is the sum that Salesforce makes of them: the deal follows it, or is left alone (`line_items.deal_amount`), and it is never written back (docs/products.md)."},
	{"LIM-15", "any number of custom objects syncs, and their lookups too", "Each is a block of `custom_objects`; a lookup is an association or text, by choice."},
	{"LIM-16", "what a deletion does is set for each direction", "A brake halts when many are due at once."},
	{"LIM-17", "owners can be paired by hand, with a fallback for new records", "`owners.map` and `owners.fallback`."},
	{"LIM-18", "formula fields are read again at intervals", "Nobody announces their changes. `formula_reread`."},
	{"LIM-19", "a conflict is decided by the last value agreed on, and by the clocks", "Inside the clocks' doubt Salesforce wins. Every conflict is logged."},
	{"LIM-21", "every proposed mapping of people can be taken out", "But for the opt-out, which is no mapping at all."},
	{"LIM-22", "choices can be translated value by value", ""},
	{"LIM-23", "one bad value holds nothing else", "The other fields of the record pass, and so does every other record, even where the program itself fails on one."},
	{"LIM-24", "rights are asked for object by object and field by field", ""},
	{"LIM-25", "what another connection made is not made again here", "Of an org or a portal that several connections share. An import or a resync brings it all the same."},
	{"LIM-26", "calls keep within the vendors' limits, live changes first", ""},
	{"LIM-27", "a removal from a campaign is noticed", "Salesforce announces none, so the memberships of linked people are compared when one was deleted, and at each sweep: `campaigns.reconcile`."},
	{"LIM-28", "person accounts can sync as a contact or a company alone, and be made from HubSpot", "`contacts.person_accounts`, and `person_account` in `contacts.from_hubspot`."},
	{"LIM-29", "every decision and write is kept with its reason", "`tandem explain` and `tandem history` show them."},
	{"LIM-30", "an import needs no second sync and no list to be complete", ""},
	{"LIM-31", "lead statuses and opportunity stages can lead to any lifecycle stage, back too", "`lifecycle.stages`, with a policy for each row; a stage that moves back is cleared first, as HubSpot wants it."},
	{"LIM-33", "amount and currency pass together or not at all", "Where the other side does not have the currency the amount waits with it, as an issue."},
	{"MAP-1", "a field or property is in one mapping only", ""},
	{"MAP-2", "the types of field and property must go together", ""},
	{"MAP-3", "properties that hold a HubSpot user cannot be mapped", ""},
	{"MAP-4", "prefer_salesforce: Salesforce wins unless it is blank", "An edit in HubSpot passes only while the Salesforce field is blank, and is undone otherwise; clearing Salesforce clears HubSpot."},
	{"MAP-5", "always_salesforce: HubSpot never writes to Salesforce", ""},
	{"MAP-6", "two_way: the later change wins, from either side", ""},
	{"MAP-7", "none: nothing passes", ""},
	{"MAP-8", "owners are always two-way", ""},
	{"MAP-9", "one mapping serves leads and contacts", "Each field where the object has it: City of leads and MailingCity of contacts may share a property."},
	{"MAP-10", "mappings of people are proposed as the original has them", "`tandem init` writes those whose fields both sides have."},
	{"MAP-12", "mappings of deals are proposed as the original has them", "`tandem init` writes those whose fields both sides have; amount and currency pass together."},
	{"MAP-13", "lookup fields become text or a choice", "Of custom objects too, where they can be associations instead (CO-4)."},
	{"MAP-14", "states and countries that are choices pass as choices", "HubSpot's text property is translated by the labels, or left out of the proposal where it cannot be."},
	{"MAP-15", "a field that can only be read passes its value one way", ""},
	{"MAP-16", "the lifecycle stage is a property as others", "Salesforce has no such field: make one and map it."},
	{"MAP-17", "several choices are a set, whatever their order", "Parted by semicolons on both sides. If the other side does not know one of them, the whole set waits (ERR-7)."},
	{"OPT-1", "consent is no mapped field", "It passes wherever people sync and cannot be mapped, edited or turned off: [consent.md](consent.md)."},
	{"OPT-2", "an opt-out on either side opts out on the other", "Salesforce's box of each record, HubSpot's unsubscription from all e-mail of the address."},
	{"OPT-3", "clearing the box in Salesforce opts nobody in", "Nor does a subscription in HubSpot by somebody else without a legal basis. An opt-out that HubSpot never knew of can be taken back in Salesforce."},
	{"OPT-4", "in classic, an opt-out passes once the pair syncs", "In tandem for everybody known: LIM-12."},
	{"OPT-5", "a box that was cleared is ticked again while HubSpot is opted out", "So the two never stay apart (AMB-9, LIM-13)."},
	{"OPT-6", "coming back in HubSpot clears the box", "By the contact, or by somebody who states a legal basis, later than the opt-out that HubSpot knew and than the last version of the Salesforce record; HubSpot is asked for the address itself."},
	{"OPT-7", "an opt-out belongs to the address in HubSpot and to the record in Salesforce", "The box stays when the address changes. In tandem it means the new address too, which is opted out in HubSpot; in classic the new address does not inherit it."},
	{"OWN-1", "users and queues are known as owners", "A queue as a note only (OWN-10)."},
	{"OWN-2", "the owner of people and companies is a mapping", "Proposed by `tandem init`: `hubspot_owner_id` and `OwnerId`, always two-way (MAP-8)."},
	{"OWN-3", "a HubSpot owner passes only as an active Salesforce user", "Of the same address in tandem, and of the same name too in classic: `owners.match` (AMB-19)."},
	{"OWN-3a", "the name of a Salesforce owner who is no active owner of HubSpot is a note", "In `salesforceownername` and `salesforceownerid`, also of one who was deactivated in HubSpot. HubSpot's own owner is left alone, and nobody is told of an issue."},
	{"OWN-4", "an owner whom Salesforce does not know is set back to Salesforce's", ""},
	{"OWN-5", "a new lead takes the matching owner, else what assignment rules say", ""},
	{"OWN-6", "of an existing lead the owner in Salesforce counts at first", "Afterwards the later change. No assignment rule runs."},
	{"OWN-7", "a new account takes the matching owner, else the integration's user", ""},
	{"OWN-8", "a HubSpot record without an owner takes Salesforce's", ""},
	{"OWN-9", "a new contact takes the matching owner, else the integration's user", "Contacts have no assignment rules."},
	{"OWN-10", "a queue owns records in Salesforce alone", "HubSpot shows its name; an owner of HubSpot passes to a user, never to a queue."},
	{"PROP-1", "the HubSpot contact carries the id of its lead", "`salesforceleadid`, of the original integration too: it counts before any address; where the address is somebody else's, a person chooses."},
	{"PROP-2", "the HubSpot contact carries the id of its Salesforce contact", "`salesforcecontactid`, likewise; it counts before the lead's."},
	{"PROP-3", "HubSpot says whose Salesforce record was deleted", "`salesforcedeleted` (DEL-7)."},
	{"PROP-4", "the campaigns of a person are listed in HubSpot", "`salesforcecampaignids`, with an option for each campaign that somebody is a member of."},
	{"PROP-5", "the HubSpot deal carries the id of its opportunity", ""},
	{"PROP-6", "the HubSpot contact and company carry the id of the account", "`salesforceaccountid`."},
	{"PROP-7", "HubSpot says when Tandem last wrote the record", "`salesforcelastsynctime`; it is no change that anybody follows (PROP-12)."},
	{"PROP-8", "the HubSpot contact carries its opportunity's stage", "`salesforceopportunitystage`, while something moves lifecycle stages: of the opportunities on which the contact has a role, the one that changed last."},
	{"PROP-9", "HubSpot says who owns the Salesforce record", "`salesforceownerid`, and `salesforceownername` with the name (OWN-3a)."},
	{"PROP-10", "a form can name a campaign", "`sfcampaignid`, as a hidden field of the form."},
	{"PROP-11", "Tandem's properties stand in a group of their own, and outlive a disconnect", ""},
	{"PROP-12", "fields of the sync itself are never mapped", ""},
	{"PROP-13", "Tandem's own fields stand on both sides", "A unique key with the partner's id, and a marker on records that Tandem created."},
	{"SET-2", "what a person of one side becomes on the other is set", ""},
	{"SET-3", "with leads, a company of its own is no second one later", "When the lead is converted, its account is linked with the company that its contact has."},
	{"SET-4", "what the deletion of a lead or a contact does in HubSpot", "Each has its own setting: `contacts.when_salesforce_contact_deleted` and `contacts.when_salesforce_lead_deleted`."},
	{"SET-5", "the inclusion list is chosen by its name or id", "`contacts.inclusion_list`."},
	{"SET-6", "people who are on both sides are always found by address", "In both directions, and there is no switch for it."},
	{"SET-7", "company sync is off until it is switched on", ""},
	{"SET-8", "deal sync is off until it is switched on", ""},
	{"SET-9", "activities are switched on type by type", "Of records each direction has a switch; all are off until a person turns them on. No record of Salesforce becomes a note."},
	{"SET-10", "mappings are edited while company sync is on", ""},
	{"SUS-1", "the connection stopped for a reason that a person has to mend", "Credentials, rights, or no API access."},
	{"TRIG-1", "both sides are asked for changes at intervals", ""},
	{"TRIG-2", "an edit in HubSpot brings a contact to Salesforce", "Of a property that is mapped; so does a form that is submitted, or an e-mail that is sent, opened or clicked, where that becomes tasks (ACT-1)."},
	{"TRIG-3", "an edit in Salesforce brings a lead or contact to HubSpot", "Of a field that is mapped."},
	{"TRIG-5", "nobody announces that a formula has another result", ""},
	{"TRIG-6", "a removal from a campaign is no trigger in classic", "It shows with the next look at the person. In tandem: LIM-27."},
	{"TRIG-7", "a new mapping does not fill in existing values by itself", "`tandem plan company`, then `tandem backfill company`."},
	{"TRIG-8", "joining the inclusion list brings a contact to Salesforce", "Choosing a list moves nobody by itself (INC-5). Who joined is looked for every `contacts.list_every`."},
	{"TRIG-9", "a person asked for this record", "`tandem resync company ID`."},
}

// Rule is a requirement as a person reads it.
type Rule struct{ ID, Says, More string }

// Rules are all rules that have a text, in order.
func Rules() []Rule {
	out := make([]Rule, len(meanings))
	for i, m := range meanings {
		out[i] = Rule{m.id, m.says, m.more}
	}
	return out
}

// Meaning says in a few words what a requirement's id stands for; blank for an id
// that is in no table.
func Meaning(id string) string {
	for _, m := range meanings {
		if m.id == id {
			return m.says
		}
	}
	return ""
}

// ruleOrder are the ids in the order of the table.
func ruleOrder() []string {
	var out []string
	for _, m := range meanings {
		out = append(out, m.id)
	}
	return out
}

// compareRules orders ids by area, number and letter.
func compareRules(a, b string) int {
	areaA, numberA, letterA := splitRule(a)
	areaB, numberB, letterB := splitRule(b)
	return cmp.Or(cmp.Compare(areaA, areaB), cmp.Compare(numberA, numberB), cmp.Compare(letterA, letterB))
}

func splitRule(id string) (area string, number int, letter string) {
	area = strings.TrimRight(id, "0123456789abcdefghijklmnopqrstuvwxyz")
	rest := id[len(area):]
	digits := strings.TrimRight(rest, "abcdefghijklmnopqrstuvwxyz")
	number, _ = strconv.Atoi(digits)
	return area, number, rest[len(digits):]
}
