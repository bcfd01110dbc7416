package hubspotsim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"tandem/sim/hubspotsim/segment"
)

func (p *Portal) listRoutes(rt routeTable) {
	read := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: scope("crm.lists.read"), write: true, handle: handle}, method, "lists"+pattern)
	}
	change := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: scope("crm.lists.write"), write: true, handle: handle}, method, "lists"+pattern)
	}
	change("POST", "", p.createList)
	read("GET", "", p.getLists)
	read("POST", "/search", p.searchLists)
	read("GET", "/{list}", p.getList)
	change("DELETE", "/{list}", p.deleteList)
	change("PUT", "/{list}/restore", p.restoreList)
	change("PUT", "/{list}/update-list-name", p.renameList)
	change("PUT", "/{list}/update-list-filters", p.refilterList)
	read("GET", "/object-type-id/{type}/name/{name}", p.getListByName)
	read("GET", "/{list}/memberships", p.membersByID)
	read("GET", "/{list}/memberships/join-order", p.membersByJoin)
	change("PUT", "/{list}/memberships/add", p.addMembers)
	change("PUT", "/{list}/memberships/remove", p.removeMembers)
	change("PUT", "/{list}/memberships/add-and-remove", p.changeMembers)
	read("GET", "/records/{type}/{record}/memberships", p.listsOfRecord)
	p.listBulkRoutes(rt)
}

type listBody struct {
	ID                string            `json:"listId"`
	Version           int               `json:"listVersion"`
	CreatedAt         string            `json:"createdAt"`
	UpdatedAt         string            `json:"updatedAt"`
	FiltersUpdatedAt  string            `json:"filtersUpdatedAt,omitempty"`
	Status            string            `json:"processingStatus"`
	CreatedBy         string            `json:"createdById"`
	UpdatedBy         string            `json:"updatedById"`
	Type              string            `json:"processingType"`
	ObjectType        string            `json:"objectTypeId"`
	Name              string            `json:"name"`
	Size              *int              `json:"size,omitempty"`
	FilterBranch      json.RawMessage   `json:"filterBranch,omitempty"`
	AdditionalDetails map[string]string `json:"additionalProperties,omitempty"`
}

func bodyOfList(l segment.List, filters bool) listBody {
	b := listBody{ID: l.ID, Version: l.Version, CreatedAt: formatTime(l.CreatedAt), UpdatedAt: formatTime(l.UpdatedAt), Status: l.ProcessingStatus,
		CreatedBy: l.CreatedByID, UpdatedBy: l.UpdatedByID, Type: l.ProcessingType, ObjectType: l.ObjectTypeID, Name: l.Name, Size: &l.Size}
	if !l.FiltersUpdatedAt.IsZero() {
		b.FiltersUpdatedAt = formatTime(l.FiltersUpdatedAt)
	}
	if filters {
		b.FilterBranch = l.FilterBranch
	}
	return b
}

func formatTime(t time.Time) string { return formatMS(t.UnixMilli()) }

// listError words an error of the list store as the API does.
func listError(err error) *apiError {
	var bad *segment.FilterError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, segment.ErrNotFound):
		return &apiError{Status: http.StatusNotFound, Message: "List does not exist.", Category: categoryNotFound, SubCategory: "ILS.LIST_NOT_FOUND"}
	case errors.Is(err, segment.ErrNameTaken):
		e := invalid("List name is already in use by another list.")
		e.SubCategory = "ILS.DUPLICATE_LIST_NAMES"
		return e
	case errors.As(err, &bad):
		return invalid("Invalid list filters: " + bad.Error())
	}
	return invalid(err.Error())
}

func (p *Portal) wrapList(l segment.List, err error, filters bool) (reply, *apiError) {
	if err != nil {
		return reply{}, listError(err)
	}
	return ok(map[string]any{"list": bodyOfList(l, filters)})
}

func (p *Portal) createList(c *call) (reply, *apiError) {
	var in struct {
		Name       string          `json:"name"`
		ObjectType string          `json:"objectTypeId"`
		Type       string          `json:"processingType"`
		Filters    json.RawMessage `json:"filterBranch"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if t, e := p.table(in.ObjectType); e != nil || t.id != in.ObjectType {
		return reply{}, invalid("Unable to infer object type from: " + in.ObjectType)
	}
	l, err := p.lists.Create(segment.NewList{Name: in.Name, ObjectTypeID: in.ObjectType, ProcessingType: in.Type, FilterBranch: in.Filters,
		CreatedByID: appendText(c.b.userID)})
	p.arm()
	return p.wrapList(l, err, true)
}

func (p *Portal) getList(c *call) (reply, *apiError) {
	l, found := p.lists.Get(c.vars["list"])
	if !found {
		return reply{}, listError(segment.ErrNotFound)
	}
	return p.wrapList(l, nil, queryBool(c.r.URL.Query(), "includeFilters"))
}

func (p *Portal) getListByName(c *call) (reply, *apiError) {
	l, found := p.lists.ByName(c.t.id, c.vars["name"])
	if !found {
		return reply{}, listError(segment.ErrNotFound)
	}
	return p.wrapList(l, nil, queryBool(c.r.URL.Query(), "includeFilters"))
}

func (p *Portal) getLists(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	out := []listBody{}
	for _, id := range queryList(q, "listIds") {
		if l, found := p.lists.Get(id); found {
			out = append(out, bodyOfList(l, queryBool(q, "includeFilters")))
		}
	}
	return ok(map[string]any{"lists": out})
}

func (p *Portal) searchLists(c *call) (reply, *apiError) {
	var in struct {
		Offset     text     `json:"offset"`
		Count      text     `json:"count"`
		Query      string   `json:"query"`
		Types      []string `json:"processingTypes"`
		IDs        []text   `json:"listIds"`
		ObjectType string   `json:"objectTypeId"`
		Additional []string `json:"additionalProperties"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	offset := in.Offset.number(0)
	page, total := p.lists.Search(segment.ListQuery{Text: in.Query, ObjectTypeID: in.ObjectType, ProcessingTypes: in.Types,
		IDs: texts(in.IDs), Offset: offset, Count: in.Count.number(20)})
	out := []listBody{}
	for _, l := range page {
		b := bodyOfList(l, false)
		b.Size, b.AdditionalDetails = nil, listDetails(l)
		out = append(out, b)
	}
	return ok(map[string]any{"offset": offset + len(page), "hasMore": offset+len(page) < total, "lists": out, "total": total})
}

func listDetails(l segment.List) map[string]string {
	out := map[string]string{"hs_list_size": strconv.Itoa(l.Size), "hs_list_reference_count": strconv.Itoa(l.References)}
	if !l.LastRecordAddedAt.IsZero() {
		out["hs_last_record_added_at"] = strconv.FormatInt(l.LastRecordAddedAt.UnixMilli(), 10)
	}
	return out
}

func (p *Portal) deleteList(c *call) (reply, *apiError) {
	return noContentOr(listError(p.lists.Delete(c.vars["list"])))
}

func (p *Portal) restoreList(c *call) (reply, *apiError) {
	return noContentOr(listError(p.lists.Restore(c.vars["list"])))
}

func (p *Portal) renameList(c *call) (reply, *apiError) {
	l, err := p.lists.Rename(c.vars["list"], c.r.URL.Query().Get("listName"), appendText(c.b.userID))
	return p.updatedList(l, err)
}

func (p *Portal) refilterList(c *call) (reply, *apiError) {
	var in struct {
		Filters json.RawMessage `json:"filterBranch"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	l, err := p.lists.SetFilter(c.vars["list"], in.Filters, appendText(c.b.userID))
	p.arm()
	return p.updatedList(l, err)
}

func (p *Portal) updatedList(l segment.List, err error) (reply, *apiError) {
	if err != nil {
		return reply{}, listError(err)
	}
	return ok(map[string]any{"updatedList": bodyOfList(l, true)})
}

func (p *Portal) membersByID(c *call) (reply, *apiError)   { return c.members(p.lists.ByRecordID) }
func (p *Portal) membersByJoin(c *call) (reply, *apiError) { return c.members(p.lists.ByJoinOrder) }

type memberBody struct {
	RecordID string `json:"recordId"`
	JoinedAt string `json:"membershipTimestamp"`
}

func (c *call) members(list func(string, segment.Page) (segment.MembersPage, error)) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", 100, 250)
	if e != nil {
		return reply{}, e
	}
	page, err := list(c.vars["list"], segment.Page{After: q.Get("after"), Before: q.Get("before"), Limit: limit})
	if err != nil {
		return reply{}, listError(err)
	}
	out := []memberBody{}
	for _, m := range page.Members {
		out = append(out, memberBody{m.RecordID, formatTime(m.JoinedAt)})
	}
	body := map[string]any{"results": out, "total": page.Total}
	cursors := map[string]any{}
	if page.After != "" {
		cursors["next"] = map[string]string{"after": page.After}
	}
	if page.Before != "" {
		cursors["prev"] = map[string]string{"before": page.Before}
	}
	if len(cursors) > 0 {
		body["paging"] = cursors
	}
	return ok(body)
}

func (p *Portal) addMembers(c *call) (reply, *apiError) {
	var ids []text
	if e := c.decode(&ids); e != nil {
		return reply{}, e
	}
	return p.setMembers(c, texts(ids), nil)
}

func (p *Portal) removeMembers(c *call) (reply, *apiError) {
	var ids []text
	if e := c.decode(&ids); e != nil {
		return reply{}, e
	}
	return p.setMembers(c, nil, texts(ids))
}

func (p *Portal) changeMembers(c *call) (reply, *apiError) {
	var in struct {
		Add    []text `json:"recordIdsToAdd"`
		Remove []text `json:"recordIdsToRemove"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	return p.setMembers(c, texts(in.Add), texts(in.Remove))
}

// setMembers answers with the vendor's spelling: recordsIdsAdded.
func (p *Portal) setMembers(c *call, add, remove []string) (reply, *apiError) {
	done, err := p.lists.Change(c.vars["list"], add, remove)
	if err != nil {
		return reply{}, listError(err)
	}
	p.publishMemberships(done.Changes)
	return ok(map[string]any{"recordsIdsAdded": orEmpty(done.Added), "recordIdsRemoved": orEmpty(done.Removed), "recordIdsMissing": orEmpty(done.Missing)})
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (p *Portal) listsOfRecord(c *call) (reply, *apiError) {
	out := p.membershipsOf(c.t.id, c.vars["record"])
	return ok(map[string]any{"results": out, "total": len(out)})
}

func (p *Portal) membershipsOf(typeID, record string) []map[string]any {
	out := []map[string]any{}
	for _, m := range p.lists.ListsOf(typeID, record) {
		out = append(out, map[string]any{"listId": m.ListID, "listVersion": m.ListVersion,
			"firstAddedTimestamp": formatTime(m.FirstAdded), "lastAddedTimestamp": formatTime(m.LastAdded)})
	}
	return out
}
