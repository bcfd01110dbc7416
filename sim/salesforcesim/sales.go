package salesforcesim

import (
	"iter"
	"math"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// related yields the live records of an object whose reference names an id.
func (o *Org) related(object, reference, id string) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		ob := o.objects[object]
		for _, r := range ob.records.withValue(ob.field(reference), strings.ToLower(id)) {
			if !r.deleted && !yield(r) {
				return
			}
		}
	}
}

// deriveSales fills what follows from other columns of meetings, cases,
// campaign members and opportunity products.
func (t *tx) deriveSales(before, after *record, given func(string) bool) {
	changed := func(name string) bool { return before == nil || before.named(name) != after.named(name) }
	switch after.object.name {
	case "Event":
		deriveEvent(after, given, t.o.zone)
	case "Case":
		if changed("Status") {
			when := value{}
			if after.named("Status").Str() == caseClosed {
				when = seconds(t.at)
			}
			after.put(after.object.field("ClosedDate"), when)
		}
		if contact := t.o.find(after.named("ContactId").Str()); contact != nil && before == nil && after.named("AccountId").IsNull() {
			after.put(after.object.field("AccountId"), contact.named("AccountId"))
		}
	case "CampaignMember":
		if responded(after) && after.named("FirstRespondedDate").IsNull() {
			after.put(after.object.field("FirstRespondedDate"), soql.Date(time.Unix(t.at, 0).In(t.o.zone).Format(time.DateOnly)))
		}
	case "OpportunityLineItem":
		t.deriveLine(before, after, given)
	case "Opportunity":
		if before != nil && given("Amount") && t.hasLines(before.id) {
			after.put(after.object.field("Amount"), before.named("Amount")) // ignored without a word
		}
	}
}

// deriveEvent keeps start, end, day and duration of a meeting in step: the
// start has two columns, and the end follows from the duration unless given.
func deriveEvent(r *record, given func(string) bool, zone *time.Location) {
	set := func(name string, v value) { r.put(r.object.field(name), v) }
	switch {
	case r.named("IsAllDayEvent").Bool():
		deriveAllDay(r, given)
		return
	case given("StartDateTime"):
		set("ActivityDateTime", r.named("StartDateTime"))
	case !r.named("ActivityDateTime").IsNull():
		set("StartDateTime", r.named("ActivityDateTime"))
	}
	start, end := r.named("StartDateTime"), r.named("EndDateTime")
	if start.IsNull() {
		return
	}
	if !given("ActivityDate") {
		set("ActivityDate", soql.Date(start.Time().In(zone).Format(time.DateOnly)))
	}
	if given("EndDateTime") && !end.IsNull() {
		set("DurationInMinutes", soql.Number(end.Time().Sub(start.Time()).Minutes()))
	} else if minutes := r.named("DurationInMinutes"); !minutes.IsNull() {
		set("EndDateTime", soql.DateTime(start.Time().Add(time.Duration(minutes.Num())*time.Minute)))
	}
}

// deriveAllDay: a whole day begins at midnight of its date, in the Coordinated
// Universal Time, and lasts a day where nothing else is said (Object Reference,
// "Event").
func deriveAllDay(r *record, given func(string) bool) {
	set := func(name string, v value) { r.put(r.object.field(name), v) }
	if start := r.named("StartDateTime"); !start.IsNull() && (given("StartDateTime") || r.named("ActivityDate").IsNull()) {
		set("ActivityDate", soql.Date(start.Time().UTC().Format(time.DateOnly)))
	}
	day, err := time.Parse(time.DateOnly, r.named("ActivityDate").Str())
	if err != nil {
		return
	}
	set("StartDateTime", soql.DateTime(day))
	set("ActivityDateTime", value{})
	end, minutes := r.named("EndDateTime"), r.named("DurationInMinutes")
	switch {
	case given("EndDateTime") && !end.IsNull():
		set("DurationInMinutes", soql.Number(end.Time().Sub(day).Minutes()))
		return
	case minutes.IsNull():
		minutes = soql.Number(minutesInDay)
		set("DurationInMinutes", minutes)
	}
	set("EndDateTime", soql.DateTime(day.Add(time.Duration(minutes.Num())*time.Minute)))
}

const (
	minutesInDay = 24 * 60
	maxEventDays = 14
)

// checkSums looks at values that came together and have to add up.
func checkSums(before, after *record, sets []assignment) rowErrors {
	switch after.object.name {
	case "Event":
		return checkSpan(after, sets)
	case "OpportunityLineItem":
		return checkLineSums(before, sets)
	}
	return nil
}

// checkSpan: an end and a duration that come together say the same (Object Reference,
// "Event").
func checkSpan(after *record, sets []assignment) rowErrors {
	given := map[string]value{}
	for _, a := range sets {
		given[a.f.name] = a.v
	}
	end, minutes := given["EndDateTime"], given["DurationInMinutes"]
	start := after.named("StartDateTime")
	if end.IsNull() || minutes.IsNull() || start.IsNull() || end.Time().Sub(start.Time()).Minutes() == minutes.Num() {
		return nil
	}
	return refuse("FIELD_INTEGRITY_EXCEPTION", "The end of the event and its duration do not add up", "DurationInMinutes")
}

// checkEvent: a meeting has a start and an end, in that order.
func checkEvent(r *record) rowErrors {
	switch {
	case r.named("StartDateTime").IsNull() && !r.named("IsAllDayEvent").Bool():
		return refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", "ActivityDateTime")
	case r.named("DurationInMinutes").IsNull() && !r.named("IsAllDayEvent").Bool():
		return refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes]", "DurationInMinutes")
	case r.named("DurationInMinutes").Num() < 0:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "Event duration cannot be negative", "DurationInMinutes")
	case r.named("DurationInMinutes").Num() > maxEventDays*minutesInDay:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "Multiday events cannot be longer than 14 days", "DurationInMinutes")
	}
	return nil
}

// checkMemberOf: a campaign member is a lead or a contact, once a campaign.
func (t *tx) checkMemberOf(before, after *record) rowErrors {
	if before != nil {
		return nil
	}
	lead, contact := after.named("LeadId"), after.named("ContactId")
	if lead.IsNull() == contact.IsNull() {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "A campaign member must be associated with either a lead or a contact", "LeadId", "ContactId")
	}
	for m := range t.o.related("campaignmember", "CampaignId", after.named("CampaignId").Str()) {
		if m.named("LeadId") == lead && m.named("ContactId") == contact {
			return refuse("DUPLICATE_VALUE", "Already a campaign member.")
		}
	}
	return nil
}

// checkPrice: a product has a standard price before it has others, and one
// price a price book, each in every currency for itself.
func (t *tx) checkPrice(before, after *record) rowErrors {
	if before != nil {
		return nil
	}
	product, standard := after.named("Product2Id").Str(), false
	for e := range t.o.related("pricebookentry", "Product2Id", product) {
		if !sameCurrency(e, after) {
			continue
		}
		if e.named("Pricebook2Id") == after.named("Pricebook2Id") {
			return refuse("DUPLICATE_VALUE", "This price definition already exists in this price book")
		}
		standard = standard || t.o.isStandard(e.named("Pricebook2Id").Str())
	}
	if !standard && !t.o.isStandard(after.named("Pricebook2Id").Str()) {
		return refuse("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product")
	}
	return nil
}

// sameCurrency holds for any two records of an org with a single currency.
func sameCurrency(a, b *record) bool {
	f, g := a.object.field("CurrencyIsoCode"), b.object.field("CurrencyIsoCode")
	return f == nil || g == nil || a.at(f) == b.at(g)
}

func (o *Org) isStandard(pricebook string) bool {
	p := o.find(pricebook)
	return p != nil && p.named("IsStandard").Bool()
}

// deriveLine: the product follows from the price or the price from the
// product, and prices from each other.
func (t *tx) deriveLine(before, after *record, given func(string) bool) {
	set := func(name string, v value) { after.put(after.object.field(name), v) }
	entry := t.o.find(after.named("PricebookEntryId").Str())
	if entry != nil && before == nil {
		set("Product2Id", entry.named("Product2Id"))
		if after.named("UnitPrice").IsNull() && after.named("TotalPrice").IsNull() {
			set("UnitPrice", entry.named("UnitPrice"))
		}
	}
	quantity, share := after.named("Quantity"), 1-after.named("Discount").Num()/100
	if quantity.IsNull() || quantity.Num() == 0 {
		return
	}
	whole := quantity.Num() * share
	held := before != nil && given("Quantity") && !given("UnitPrice") && before.named("Quantity") != quantity // the sum stays, the price gives way
	if (held || given("TotalPrice") && !given("UnitPrice")) && whole != 0 {
		set("UnitPrice", soql.Number(math.Round(after.named("TotalPrice").Num()/whole*100)/100))
		return
	}
	set("TotalPrice", soql.Number(math.Round(after.named("UnitPrice").Num()*whole*100)/100))
}

// checkLineSums: a discount that comes with a quantity needs a price or a sum beside it
// (Object Reference, "OpportunityLineItem").
func checkLineSums(before *record, sets []assignment) rowErrors {
	given := map[string]bool{}
	for _, a := range sets {
		given[a.f.name] = true
	}
	switch {
	case before != nil && given["TotalPrice"] && given["UnitPrice"]:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "specify either the sales price or the total price, not both", "TotalPrice")
	case before != nil && given["Discount"] && given["Quantity"] && !given["UnitPrice"] && !given["TotalPrice"]:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "specify the sales price or the total price with quantity and discount", "UnitPrice")
	}
	return nil
}

// checkLine: a product comes from a price of the opportunity's price book.
func (t *tx) checkLine(before, after *record) rowErrors {
	if before != nil {
		return nil
	}
	entry, deal := t.o.find(after.named("PricebookEntryId").Str()), t.o.find(after.named("OpportunityId").Str())
	switch {
	case entry == nil:
		return refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [PricebookEntryId]", "PricebookEntryId")
	case deal == nil:
		return nil // told by the check of references
	}
	if book := deal.named("Pricebook2Id"); !book.IsNull() && book != entry.named("Pricebook2Id") {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "The pricebook entry is in a different pricebook than the one assigned to the opportunity", "PricebookEntryId")
	}
	return t.checkFirstLine(entry, deal)
}

// checkFirstLine: the first product of an opportunity without a price book gives it its own,
// which is active; every product is priced in the currency of the opportunity.
func (t *tx) checkFirstLine(entry, deal *record) rowErrors {
	book := t.o.find(entry.named("Pricebook2Id").Str())
	switch {
	case deal.named("Pricebook2Id").IsNull() && (book == nil || !book.named("IsActive").Bool()):
		return refuse("FIELD_INTEGRITY_EXCEPTION", "pricebook of the entry is inactive", "PricebookEntryId")
	case !entry.named("IsActive").Bool():
		return refuse("FIELD_INTEGRITY_EXCEPTION", "pricebook entry is inactive", "PricebookEntryId")
	case !sameCurrency(entry, deal):
		return refuse("FIELD_INTEGRITY_EXCEPTION", "The currency of the pricebook entry is not that of the opportunity", "PricebookEntryId")
	}
	return nil
}

// checkBook: an opportunity with products keeps its price book and its currency.
func (t *tx) checkBook(before, after *record) rowErrors {
	if before == nil || !t.hasLines(before.id) {
		return nil
	}
	if before.named("Pricebook2Id") != after.named("Pricebook2Id") && !before.named("Pricebook2Id").IsNull() {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "You can't update the price book of an opportunity with products", "Pricebook2Id")
	}
	if !sameCurrency(before, after) {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "You can't update the currency of an opportunity with products", "CurrencyIsoCode")
	}
	return nil
}

func (t *tx) hasLines(deal string) bool {
	for range t.o.related("opportunitylineitem", "OpportunityId", deal) {
		return true
	}
	return false
}

// sumLines brings an opportunity in line with its products: amount, price
// book, and that it has any.
func (t *tx) sumLines(deal string) {
	before := t.o.find(deal)
	if before == nil || before.deleted {
		return
	}
	total, book, some := 0.0, before.named("Pricebook2Id"), false
	for l := range t.o.related("opportunitylineitem", "OpportunityId", deal) {
		total, some = total+l.named("TotalPrice").Num(), true
		if e := t.o.find(l.named("PricebookEntryId").Str()); e != nil && book.IsNull() {
			book = e.named("Pricebook2Id")
		}
	}
	ob := before.object
	sets := []assignment{{ob.field("HasOpportunityLineItem"), soql.Bool(some)}, {ob.field("Pricebook2Id"), book}}
	if some {
		sets = append(sets, assignment{ob.field("Amount"), soql.Number(total)})
	}
	next := before.with(sets)
	t.stamp(next)
	t.write(before, next)
}
