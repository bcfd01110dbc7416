package salesforcesim

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// value gives any field of a record: system, stored or computed. The caller
// holds the org's lock.
func (o *Org) value(r *record, f *field) value {
	switch f.sys {
	case sysID:
		return soql.Text(r.id)
	case sysDeleted:
		return soql.Bool(r.deleted)
	case sysCreated:
		return seconds(r.created)
	case sysCreatedBy:
		return soql.Text(r.createdBy)
	case sysModified:
		return seconds(r.modified)
	case sysModifiedBy:
		return soql.Text(r.modifiedBy)
	case sysStamp:
		return seconds(r.stamp)
	}
	switch {
	case f.formula != nil:
		return f.formula.result(o, r, f)
	case f.compute != nil:
		return f.compute(o, r)
	}
	return r.at(f)
}

func seconds(unix int64) value { return soql.DateTime(time.Unix(unix, 0)) }

// personNameOf joins the parts of a name the way the API shows it; users have
// no salutation.
func personNameOf(_ *Org, r *record) value {
	first, last := r.named("FirstName").Str(), r.named("LastName").Str()
	return soql.Text(strings.TrimSpace(first + " " + last))
}

var addressParts = []struct{ key, part string }{
	{"city", "City"}, {"country", "Country"}, {"countryCode", "CountryCode"}, {"geocodeAccuracy", "GeocodeAccuracy"}, {"latitude", "Latitude"},
	{"longitude", "Longitude"}, {"postalCode", "PostalCode"}, {"state", "State"}, {"stateCode", "StateCode"}, {"street", "Street"},
}

// addressOf renders the compound over the fields with a prefix; it is null
// when every part is.
func addressOf(prefix string) func(*Org, *record) value {
	return func(_ *Org, r *record) value {
		out, some := []byte{'{'}, false
		for _, p := range addressParts {
			if strings.HasSuffix(p.part, "Code") && p.part != "PostalCode" && r.object.field(prefix+p.part) == nil {
				continue
			}
			if len(out) > 1 {
				out = append(out, ',')
			}
			v := r.named(prefix + p.part)
			some = some || !v.IsNull()
			out = append(append(append(out, '"'), p.key...), '"', ':')
			out = appendValue(out, v, "double")
		}
		if !some {
			return value{}
		}
		return soql.Raw(string(append(out, '}')))
	}
}

func expectedRevenue(_ *Org, r *record) value {
	amount, share := r.named("Amount"), r.named("Probability")
	if amount.IsNull() || share.IsNull() {
		return value{}
	}
	return soql.Number(math.Round(amount.Num()*share.Num()) / 100) // two decimals
}

// forecastNames are the categories that people see.
const forecastNames = "Omitted|Pipeline|Best Case|Commit|Closed"

// forecastName is the category that was written, or the stage's.
func forecastName(o *Org, r *record) value {
	if own := r.named("ForecastCategoryName"); !own.IsNull() {
		return own
	}
	return soql.Text(o.stageOf(r).categoryName)
}

// forecastCategory is the API's word for the category.
func forecastCategory(o *Org, r *record) value {
	name := forecastName(o, r).Str()
	switch name {
	case "Best Case":
		name = "BestCase"
	case "Commit":
		name = "Forecast"
	}
	return soql.Text(name)
}

func closeDay(r *record) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, r.named("CloseDate").Str())
	return t, err == nil
}

func fiscalQuarter(_ *Org, r *record) value {
	t, ok := closeDay(r)
	if !ok {
		return value{}
	}
	return soql.Number(float64((int(t.Month())-1)/3 + 1))
}

func fiscalYear(_ *Org, r *record) value {
	t, ok := closeDay(r)
	if !ok {
		return value{}
	}
	return soql.Number(float64(t.Year()))
}

func fiscalPeriod(_ *Org, r *record) value {
	t, ok := closeDay(r)
	if !ok {
		return value{}
	}
	return soql.Text(strconv.Itoa(t.Year()) + " " + strconv.Itoa((int(t.Month())-1)/3+1))
}

// taskAccount is the account a task counts for: what it relates to, or the
// account of that opportunity, or that of the contact.
func taskAccount(o *Org, r *record) value {
	if what := o.find(r.named("WhatId").Str()); what != nil {
		if what.object.name == "Account" {
			return soql.Text(what.id)
		}
		return what.named("AccountId")
	}
	if who := o.find(r.named("WhoId").Str()); who != nil {
		return who.named("AccountId")
	}
	return value{}
}

// stage is what a sales stage implies.
type stage struct {
	closed, won            bool
	category, categoryName string
	probability            float64
}

// stageOf gives the meaning of an opportunity's stage; unknown stages count
// as open pipeline.
func (o *Org) stageOf(r *record) stage { return o.stageNamed(r.named("StageName").Str()) }

func (o *Org) stageNamed(name string) stage {
	if s, ok := o.stages[strings.ToLower(name)]; ok {
		return s
	}
	return stage{category: "Pipeline", categoryName: "Pipeline"}
}
