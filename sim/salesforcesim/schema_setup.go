package salesforcesim

// setupObjects declares the configuration that an integration reads or, with
// the right to, writes: users' rights, queues, record types, custom fields.
func setupObjects() []objectSpec {
	return []objectSpec{
		{name: "Organization", plural: "Organizations", prefix: "00D", kind: "readonly", fields: organizationFields()},
		{name: "Profile", plural: "Profile", prefix: "00e", kind: "readonly", fields: []field{
			text("Name", "Name", 255).must().naming(), choice("UserType", "User Type", "Standard|CloudIntegrationUser").readonly(), text("Description", "Description", 255)}},
		{name: "UserRole", label: "Role", plural: "Role", prefix: "00E", kind: "setup", fields: roleFields()},
		{name: "TaskStatus", label: "Task Status Value", plural: "Task Status Value", prefix: "01J", kind: "readonly", fields: statusFields()},
		{name: "CaseStatus", label: "Case Status Value", plural: "Case Status Value", prefix: "01J", kind: "readonly", fields: statusFields()},
		{name: "Group", plural: "Group", prefix: "00G", kind: "setup", fields: []field{
			text("Name", "Name", 40).must().naming(), text("DeveloperName", "Developer Name", 80), choice("Type", "Type", "Regular|Role|Queue|Organization").must().createOnly(),
			email("Email", "Email"), flag("DoesIncludeBosses", "Include Bosses")}},
		{name: "QueueSobject", label: "Queue Sobject", plural: "Queue Sobject", prefix: "03g", kind: "setup", fields: []field{
			ref("QueueId", "Group ID", "Queue", "QueueSobjects", "Group").must(), text("SobjectType", "Sobject Type", 40).must()}},
		{name: "RecordType", label: "Record Type", plural: "Record Types", prefix: "012", kind: "setup", fields: []field{
			text("Name", "Name", 80).must().naming(), text("DeveloperName", "Developer Name", 80).must(), text("NamespacePrefix", "Namespace Prefix", 15).readonly(),
			text("Description", "Description", 255), ref("BusinessProcessId", "Business Process ID", "BusinessProcess", "", "BusinessProcess"),
			text("SobjectType", "SObject Type Name", 40).must().createOnly(), presetTrue(flag("IsActive", "Active").fixed())}},
		{name: "BusinessProcess", label: "Business Process", plural: "Business Processes", prefix: "019", kind: "setup", fields: businessProcessFields()},
		{name: "OpportunityStage", label: "Opportunity Stage", plural: "Opportunity Stage", prefix: "01J", kind: "readonly", fields: stageFields()},
		{name: "LeadStatus", label: "Lead Status Value", plural: "Lead Status Value", prefix: "01J", kind: "readonly", fields: []field{
			text("MasterLabel", "Master Label", 255), text("ApiName", "API Name", 255), whole("SortOrder", "Sort Order", 9), flag("IsDefault", "Is Default"), flag("IsConverted", "Is Converted")}},
		{name: "PermissionSet", label: "Permission Set", plural: "Permission Sets", prefix: "0PS", kind: "setup", fields: permissionSetFields()},
		{name: "PermissionSetAssignment", label: "Permission Set Assignment", plural: "Permission Set Assignments", prefix: "0Pa", kind: "setup", fields: []field{
			ref("PermissionSetId", "PermissionSet ID", "PermissionSet", "Assignments", "PermissionSet").must().createOnly(),
			ref("AssigneeId", "Assignee ID", "Assignee", "PermissionSetAssignments", "User").must().createOnly()}},
		{name: "ObjectPermissions", label: "Object Permissions", plural: "Object Permissions", prefix: "110", kind: "setup", fields: objectPermissionFields()},
		{name: "FieldPermissions", label: "Field Permissions", plural: "Field Permissions", prefix: "01k", kind: "setup", fields: []field{
			ref("ParentId", "Parent ID", "Parent", "FieldPerms", "PermissionSet").must().createOnly(), text("SobjectType", "Sobject Type Name", 40).must().createOnly(),
			indexedText("Field", "Field Name", 255).must().createOnly(), flag("PermissionsRead", "Read Field"), flag("PermissionsEdit", "Edit Field")}},
		{name: "CustomField", label: "Custom Field Definition", plural: "Custom Fields", prefix: "00N", kind: "setup", tooling: true, fields: customFieldFields()},
		{name: "PlatformEventChannelMember", label: "Platform Event Channel Member", plural: "Platform Event Channel Members", prefix: "0v8", kind: "setup", tooling: true, fields: channelMemberFields()},
		{name: "PlatformEventChannel", label: "Platform Event Channel", plural: "Platform Event Channels", prefix: "0YL", kind: "setup", tooling: true, fields: channelFields()},
		{name: "ManagedEventSubscription", label: "Managed Event Subscription", plural: "Managed Event Subscriptions", prefix: "18x", kind: "setup", tooling: true,
			fields: append([]field{text("DeveloperName", "Developer Name", 80).readonly(), text("MasterLabel", "Label", 80).readonly()}, metadataColumns()...)},
	}
}

func indexedText(name, label string, length int) field {
	f := text(name, label, length)
	f.indexed = true
	return f
}

func organizationFields() []field {
	return join([]field{text("Name", "Name", 80).must().naming(), text("Division", "Division", 80)}, address("", ""), []field{
		phone("Phone", "Phone"), text("PrimaryContact", "Primary Contact", 80), text("DefaultLocaleSidKey", "Locale", 40), text("TimeZoneSidKey", "Time Zone", 40),
		text("LanguageLocaleKey", "Language", 40), whole("FiscalYearStartMonth", "Fiscal Year Starts In", 2), text("InstanceName", "Instance Name", 5).readonly(),
		choice("OrganizationType", "Edition", "Team Edition|Professional Edition|Enterprise Edition|Developer Edition|Personal Edition|Unlimited Edition|Contact Manager Edition|Base Edition").readonly(),
		text("NamespacePrefix", "Namespace Prefix", 15).readonly(), flag("IsSandbox", "Is Sandbox").readonly(), flag("IsReadOnly", "Is Read Only").readonly(),
		moment("TrialExpirationDate", "Trial Expiration Date").readonly(), sized(choice("DefaultAccountAccess", "Default Account Access",
			"None=Private|Read=Read Only|Edit=Read/Write|ControlledByLeadOrContact=Controlled By Lead Or Contact|ControlledByCampaign=Controlled By Campaign").closed().readonly(), 40),
		plain("boolean", "PreferencesConsentManagementEnabled", "ConsentManagementEnabled", 0), whole("MonthlyPageViewsUsed", "Monthly Page Views Used", 9).readonly(),
	})
}

// roleFields are those of a role in the hierarchy (Object Reference, "UserRole").
func roleFields() []field {
	level := choice("OpportunityAccessForAccountOwner", "Opportunity Access Level for Account Owner", "None|Read|Edit").closed()
	return []field{
		text("Name", "Name", 80).must().naming(), ref("ParentRoleId", "Parent Role ID", "ParentRole", "", "UserRole"), text("RollupDescription", "Description", 80),
		level.must(), preset(choice("PortalType", "Portal Type", "*None|CustomerPortal|Partner").closed(), "None"), text("DeveloperName", "Developer Name", 80),
		flag("MayForecastManagerShare", "May Forecast Manager Share").readonly(),
	}
}

// statusFields are those of a status of tasks or cases.
func statusFields() []field {
	return []field{text("MasterLabel", "Master Label", 255), text("ApiName", "API Name", 255), whole("SortOrder", "Sort Order", 9), flag("IsDefault", "Is Default"), flag("IsClosed", "Closed")}
}

func stageFields() []field {
	return []field{
		text("MasterLabel", "Master Label", 255), text("ApiName", "API Name", 255), flag("IsActive", "Is Active"), whole("SortOrder", "Sort Order", 9), flag("IsClosed", "Closed"),
		flag("IsWon", "Won"), choice("ForecastCategory", "Forecast Category", ""), choice("ForecastCategoryName", "Forecast Category Name", ""),
		number("percent", "DefaultProbability", "Probability (%)", 3, 0), text("Description", "Description", 255),
	}
}

// The system permissions that this org checks.
const (
	permCustomize   = "PermissionsCustomizeApplication"
	permManageSets  = "PermissionsAssignPermissionSets"
	permManageUsers = "PermissionsManageUsers"
	permAPI         = "PermissionsApiEnabled"
	permViewAll     = "PermissionsViewAllData"
	permHardDelete  = "PermissionsBulkApiHardDelete"
	permModifyAll   = "PermissionsModifyAllData"
)

func permissionSetFields() []field {
	return []field{
		indexedText("Name", "Permission Set Name", 80).must(), text("Label", "Permission Set Label", 80).must(), text("Description", "Description", 255),
		ref("ProfileId", "Profile ID", "Profile", "", "Profile").readonly(), flag("IsOwnedByProfile", "Is Owned By Profile").readonly(), flag("IsCustom", "Is Custom").readonly(),
		choice("Type", "Type", "Regular|Profile|Group|Session|Standard").readonly(),
		flag(permAPI, "API Enabled"), flag(permViewAll, "View All Data"), flag(permModifyAll, "Modify All Data"), flag(permCustomize, "Customize Application"),
		flag(permManageSets, "Assign Permission Sets"), flag(permManageUsers, "Manage Users"), flag(permHardDelete, "Bulk API Hard Delete"),
		flag(permDecrypt, "View Encrypted Data"),
	}
}

func objectPermissionFields() []field {
	return []field{
		ref("ParentId", "Parent ID", "Parent", "ObjectPerms", "PermissionSet").must().createOnly(), text("SobjectType", "Sobject Type Name", 40).must().createOnly(),
		flag("PermissionsCreate", "Create Records"), flag("PermissionsRead", "Read Records"), flag("PermissionsEdit", "Edit Records"), flag("PermissionsDelete", "Delete Records"),
		flag("PermissionsModifyAllRecords", "Modify All Records"), flag("PermissionsViewAllRecords", "Read All Records"),
	}
}

// metadataColumns declares the two columns through which Tooling objects are written.
func metadataColumns() []field {
	full := text("FullName", "Full Name", 255)
	full.permissionable = false
	meta := plain("complexvalue", "Metadata", "Metadata", 0)
	meta.permissionable = false
	return []field{full, meta}
}

func customFieldFields() []field {
	return append([]field{
		text("DeveloperName", "Developer Name", 40).readonly(), text("TableEnumOrId", "Entity Enum Or ID", 40).readonly(), text("NamespacePrefix", "Namespace Prefix", 15).readonly(),
		whole("Length", "Length", 9).readonly(), area("Description", "Description", 1000).readonly(), text("InlineHelpText", "Inline Help Text", 510).readonly(),
	}, metadataColumns()...)
}

func channelMemberFields() []field {
	return append([]field{
		text("DeveloperName", "Developer Name", 80).readonly(), text("MasterLabel", "Label", 80).readonly(),
		text("EventChannel", "Event Channel", 255).readonly(), text("SelectedEntity", "Selected Entity", 255).readonly(),
	}, metadataColumns()...)
}

func channelFields() []field {
	return append([]field{
		text("DeveloperName", "Developer Name", 80).readonly(), text("MasterLabel", "Label", 80).readonly(), text("ChannelType", "Channel Type", 40).readonly(),
	}, metadataColumns()...)
}
