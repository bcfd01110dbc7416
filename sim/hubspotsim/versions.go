package hubspotsim

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Which versions of the API there are, by family of paths. The vendor's numbered
// versions differ from family to family; from 2025-09 on all carry dates.

// datedVersions are the dates that the portal answers.
var datedVersions = []string{"2025-09", "2026-03", "2026-09", "2026-09-beta", "2027-03-beta"}

var versionShape = regexp.MustCompile(`^(v\d|\d{4}-\d{2}(-beta)?)$`)

// spelling is a path taken apart: /crm/v3/objects/…, /crm/objects/v3/… and
// /crm/objects/2026-03/… are one area in two versions.
type spelling struct {
	root    string   // crm, integrators, crm-object-schemas, or nothing
	seg     []string // the area and what follows
	version string
	front   bool // the version stood before the area
}

func spell(path string) spelling {
	seg := strings.Split(strings.Trim(path, "/"), "/")
	for i := range seg {
		if s, err := url.PathUnescape(seg[i]); err == nil {
			seg[i] = s
		}
	}
	s := spelling{seg: seg}
	switch {
	case seg[0] == "crm" && len(seg) > 2 && versionShape.MatchString(seg[1]):
		s = spelling{root: "crm", version: seg[1], seg: seg[2:], front: true}
	case seg[0] == "crm-object-schemas" && len(seg) > 2 && versionShape.MatchString(seg[1]):
		s = spelling{root: seg[0], version: seg[1], seg: seg[2:]}
	case (seg[0] == "crm" || seg[0] == "integrators") && len(seg) > 2 && versionShape.MatchString(seg[2]):
		s = spelling{root: seg[0], version: seg[2], seg: append([]string{seg[1]}, seg[3:]...)}
	case len(seg) > 1 && versionShape.MatchString(seg[1]):
		s = spelling{version: seg[1], seg: append([]string{seg[0]}, seg[2:]...)}
	}
	s.seg = areaOf(s.seg, s.version)
	return s
}

// areaOf tells the third version of associations from the later ones.
func areaOf(seg []string, version string) []string {
	if version == "v3" && (seg[0] == "associations" || ofAssociations(seg)) {
		seg[0] = "v3-" + seg[0]
	}
	return seg
}

func ofAssociations(seg []string) bool {
	return seg[0] == "objects" && len(seg) > 4 && seg[3] == "associations"
}

// family says which versions an area has, and where they stand in its paths.
type family struct {
	root  string
	front string // the numbered one before the area: /crm/v3/properties
	after string // the numbered one after it: /crm/objects/v3, /account-info/v3
	dated string // the root of its dated paths; "-" for none
}

var crmArea = family{root: "crm", front: "v3", dated: "crm"}

const undated = "-"

// families are by the first segment of a path, with exceptions for what of an
// area has other versions.
var families = map[string]family{
	"objects":                   {root: "crm", front: "v3", after: "v3", dated: "crm"},
	"objects associations":      {root: "crm", front: "v4", dated: "crm"},
	"v3-objects":                {root: "crm", front: "v3", after: "v3", dated: undated},
	"v3-associations":           {root: "crm", front: "v3", dated: undated},
	"associations":              {root: "crm", front: "v4", after: "v4", dated: "crm"},
	"properties":                crmArea,
	"property-validations":      crmArea,
	"owners":                    crmArea,
	"pipelines":                 crmArea,
	"lists":                     crmArea,
	"imports":                   crmArea,
	"schemas":                   {root: "crm", front: "v3", dated: "crm-object-schemas"},
	"schemas of their own":      {root: "crm-object-schemas", after: "v3", dated: "crm-object-schemas"},
	"timeline":                  {root: "integrators", after: "v3", dated: "integrators"},
	"account-info":              {after: "v3"},
	"appinstalls":               {after: "v3", dated: undated},
	"marketing":                 {after: "v3", dated: undated},
	"form-integrations":         {after: "v1", dated: undated},
	"events":                    {after: "v3", dated: undated},
	"communication-preferences": {after: "v4"},
	"consent v3":                {after: "v3", dated: undated},
	"oauth":                     {after: "v3"},
	"oauth v1":                  {after: "v1", dated: undated},
	"oauth v2":                  {after: "v2", dated: undated},
}

// served says whether the portal answers a path in the version it names.
func (s spelling) served() bool {
	f, known := families[s.family()]
	switch {
	case !known:
		return s.version == ""
	case s.front:
		return s.root == f.root && s.version == f.front
	case slices.Contains(datedVersions, s.version):
		return s.root == f.dated
	}
	return s.root == f.root && s.version != "" && s.version == f.after
}

// consentV3Only are the resources that communication preferences lost after v3.
var consentV3Only = []string{"status", "subscribe", "unsubscribe"}

// family names the family of a path where one area has several.
func (s spelling) family() string {
	second := ""
	if len(s.seg) > 1 {
		second = s.seg[1]
	}
	switch area := s.seg[0]; {
	case ofAssociations(s.seg):
		return "objects associations"
	case area == "schemas" && s.root == "crm-object-schemas":
		return "schemas of their own"
	case area == "communication-preferences" && (slices.Contains(consentV3Only, second) || s.version == "v3" && second == "definitions"):
		return "consent v3"
	case area == "oauth" && second == "private-apps":
		return "oauth v2"
	case area == "oauth" && (second == "access-tokens" || second == "refresh-tokens" || s.version == "v1" && len(s.seg) == 2):
		return "oauth v1"
	default:
		return area
	}
}
