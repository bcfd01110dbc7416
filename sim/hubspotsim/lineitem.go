package hubspotsim

import (
	"math"
	"strconv"
)

// inherited are the properties that a line item takes from its product where it is given
// none (line items guide).
var inherited = []string{"name", "description", "price", "hs_sku"}

// applyItem gives a new line item what its product has, and refuses a negative price.
func (p *Portal) applyItem(d *draft) *apiError {
	if s := d.set("price"); s != nil && s.text != "" && number(s.text) < 0 {
		return p.badProperties([]propError{{"price cannot be negative", "INVALID_NUMBER", "price"}})
	}
	id, named := parseID(d.get("hs_product_id"))
	if d.r != nil || !named {
		return nil
	}
	products := p.names[typeProduct]
	product := products.records[id]
	if product == nil || !product.live() {
		return nil
	}
	for _, name := range inherited {
		if d.set(name) == nil {
			if text := p.see(products, product).get(name); text != "" {
				d.put(name, text)
			}
		}
	}
	return nil
}

// netPrice is what a line item comes to: less its discount by unit or by share.
func netPrice(w view) string {
	if w.get("price") == "" || w.get("quantity") == "" {
		return ""
	}
	net := (number(w.get("price")) - number(w.get("discount"))) * number(w.get("quantity")) * (1 - number(w.get("hs_discount_percentage"))/100)
	return strconv.FormatFloat(math.Round(net*100)/100, 'f', -1, 64)
}

// itemsMoved has the deals of a line item show the sum of their line items, in accounts that
// compute it.
func (p *Portal) itemsMoved(t *table, r *record) {
	if t.id != typeItem || !p.dealAmounts {
		return
	}
	deals := p.names[typeDeal]
	for _, l := range r.linksTo(deals.n) {
		if deal := deals.records[l.to]; deal != nil {
			p.later(automationDelay, func() { p.sumItems(deals, deal) })
		}
	}
}

func (p *Portal) sumItems(deals *table, deal *record) {
	if !deal.live() || deals.records[deal.id] != deal {
		return
	}
	items, total, some := p.names[typeItem], 0.0, false
	for _, l := range deal.linksTo(items.n) {
		if item := items.records[l.to]; item != nil && item.live() {
			total, some = total+number(p.see(items, item).get("amount")), true
		}
	}
	if !some {
		return
	}
	if e := p.update(deals, deal, automation, map[string]string{"amount": strconv.FormatFloat(math.Round(total*100)/100, 'f', -1, 64)}); e != nil {
		panic("sum the line items of a deal: " + e.Message) // a number is a fitting amount
	}
}
