package salesforce

import (
	"encoding/json"
)

// apiError is one error as REST (errorCode) and collections rows (statusCode)
// tell it. duplicateResut is the vendor's own spelling; the correct one is
// accepted too.
type apiError struct {
	ErrorCode  string           `json:"errorCode"`
	StatusCode string           `json:"statusCode"`
	Message    string           `json:"message"`
	Fields     []string         `json:"fields"`
	Resut      *duplicateResult `json:"duplicateResut"`
	Result     *duplicateResult `json:"duplicateResult"`
}

type duplicateResult struct {
	MatchResults []struct {
		EntityType   string `json:"entityType"`
		MatchRecords []struct {
			Record struct {
				Attributes struct {
					Type string `json:"type"`
				} `json:"attributes"`
				ID string `json:"Id"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

// oauthError is the error of the token endpoint.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// xmlErrors is the shape in which some front ends answer whatever was accepted.
type xmlErrors struct {
	Errors []struct {
		Code    string `xml:"errorCode"`
		Message string `xml:"message"`
	} `xml:"Error"`
}

type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
}

type userInfo struct {
	UserID         string `json:"user_id"`
	OrganizationID string `json:"organization_id"`
	Username       string `json:"preferred_username"`
	ZoneInfo       string `json:"zoneinfo"`
}

type versionInfo struct {
	Version string `json:"version"`
}

// row is one record as a query or a retrieve returns it.
type row map[string]json.RawMessage

type queryAnswer struct {
	Done    bool   `json:"done"`
	Next    string `json:"nextRecordsUrl"`
	Records []row  `json:"records"`
}

// whole tells an answer to a query from JSON that is none: rows are listed, be
// it none, and it is said whether more follow.
func (a *queryAnswer) whole() bool { return a.Records != nil && (a.Done || a.Next != "") }

type retrieveRequest struct {
	IDs    []string `json:"ids"`
	Fields []string `json:"fields"`
}

type saveRequest struct {
	AllOrNone bool              `json:"allOrNone"`
	Records   []json.RawMessage `json:"records"`
}

type saveResult struct {
	ID      string     `json:"id"`
	Success bool       `json:"success"`
	Errors  []apiError `json:"errors"`
}

type deletedAnswer struct {
	Records []struct {
		ID   string `json:"id"`
		Date string `json:"deletedDate"`
	} `json:"deletedRecords"`
	Covered string `json:"latestDateCovered"`
}

func (a *deletedAnswer) whole() bool { return a.Records != nil }

type recordCounts struct {
	Objects []struct {
		Name  string `json:"name"`
		Count int    `json:"count"`
	} `json:"sObjects"`
}

type limitsAnswer struct {
	Requests struct{ Max, Remaining int } `json:"DailyApiRequests"`
}

type jobRequest struct {
	Operation   string `json:"operation"`
	Query       string `json:"query,omitempty"`
	Object      string `json:"object,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	LineEnding  string `json:"lineEnding,omitempty"`
}

type jobInfo struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Operation string `json:"operation"`
	State     string `json:"state"`
	Error     string `json:"errorMessage"`
	Processed int    `json:"numberRecordsProcessed"`
}

type describeAnswer struct {
	Name       string          `json:"name"`
	Label      string          `json:"label"`
	Createable bool            `json:"createable"`
	Updateable bool            `json:"updateable"`
	Deletable  bool            `json:"deletable"`
	Queryable  bool            `json:"queryable"`
	Prefix     string          `json:"keyPrefix"`
	Fields     []describeField `json:"fields"`
}

func (a *describeAnswer) whole() bool { return a.Fields != nil }

type describeField struct {
	Name              string   `json:"name"`
	Label             string   `json:"label"`
	Type              string   `json:"type"`
	Length            int      `json:"length"`
	Precision         int      `json:"precision"`
	Scale             int      `json:"scale"`
	Nillable          bool     `json:"nillable"`
	DefaultedOnCreate bool     `json:"defaultedOnCreate"`
	Createable        bool     `json:"createable"`
	Updateable        bool     `json:"updateable"`
	Calculated        bool     `json:"calculated"`
	AutoNumber        bool     `json:"autoNumber"`
	Unique            bool     `json:"unique"`
	ExternalID        bool     `json:"externalId"`
	Restricted        bool     `json:"restrictedPicklist"`
	Custom            bool     `json:"custom"`
	HTML              bool     `json:"htmlFormatted"`
	NameField         bool     `json:"nameField"`
	Cascade           bool     `json:"cascadeDelete"`
	ReferenceTo       []string `json:"referenceTo"`
	DefaultValue      any      `json:"defaultValue"`
	DefaultFormula    string   `json:"defaultValueFormula"`
	Picklist          []struct {
		Value   string `json:"value"`
		Label   string `json:"label"`
		Active  bool   `json:"active"`
		Default bool   `json:"defaultValue"`
	} `json:"picklistValues"`
}

type customField struct {
	FullName string        `json:"FullName"`
	Metadata fieldMetadata `json:"Metadata"`
}

type fieldMetadata struct {
	Label         string `json:"label"`
	Type          string `json:"type"`
	Description   string `json:"description,omitempty"`
	Length        int    `json:"length,omitempty"`
	Unique        *bool  `json:"unique,omitempty"`
	ExternalID    *bool  `json:"externalId,omitempty"`
	CaseSensitive *bool  `json:"caseSensitive,omitempty"`
	Required      *bool  `json:"required,omitempty"`
	DefaultValue  string `json:"defaultValue,omitempty"`
}

type fieldPermission struct {
	ParentID string `json:"ParentId"`
	Object   string `json:"SobjectType"`
	Field    string `json:"Field"`
	Read     bool   `json:"PermissionsRead"`
	Edit     bool   `json:"PermissionsEdit"`
}

type channelMember struct {
	FullName string                `json:"FullName"`
	Metadata channelMemberMetadata `json:"Metadata"`
}

type channelMemberMetadata struct {
	Channel string `json:"eventChannel"`
	Entity  string `json:"selectedEntity"`
}
