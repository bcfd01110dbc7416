package simtest

import "testing"

// TestClassic_AccountRules runs the rules of accounts and companies in the classic
// profile; their own tests run them in the default one.
func TestClassic_AccountRules(t *testing.T) {
	t.Run("classic", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T){
			"ACC-1": TestACC1_NothingSyncsWhileCompanySyncIsOff, "ACC-2": TestACC2_ImportIsRefusedWhileCompanySyncIsOff,
			"ACC-3": TestACC3_NewAccountBecomesACompany, "ACC-4": TestACC4_OlderAccountWaitsForAnEditOrAnImport, "ACC-4 sweep": TestACC4_SweepIsNoEdit,
			"ACC-5": TestACC5_AMB21_ExistingCompanyWithTheSameContactIsLinked, "ACC-6": TestACC6_AccountNeedsNoContact,
			"ACC-7 ACC-8": TestACC7_ACC8_WhenACompanyMakesAnAccount, "ACC-10": TestACC10_PersonMakesAnAccountWhateverTheRulesSay,
			"ACC-13 AMB-20": TestACC13_AMB20_CON9_PrivateContactGetsTheNewAccount, "ACC-13": TestACC13_ContactOfAnAccountIsAssociatedWithItsCompany,
			"ACC-14": TestACC14_LinkStaysWhenContactsMove, "ACC-14 unlink": TestACC14_UnlinkedByAPersonStaysApart, "ACC-18": TestACC18_AssociatingAContactLaterMakesTheAccount,
			"AMB-5": TestAMB5_SeveralCandidatesGoToReview, "DEL": TestAMB13_AMB22_LIM16_DeletionsDoWhatTheSettingSays, "TRIG-4": TestTRIG4_UnmappedFieldsTriggerNothing,
		} {
			t.Run(name, test)
		}
	})
}

// TestClassic_ConnectionRules runs the rules of a connection as a whole in the classic profile,
// which has no say in them; their own tests run them in the default one.
func TestClassic_ConnectionRules(t *testing.T) {
	t.Run("classic", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T){
			"API-1": TestAPI1_UseOfTheDayIsShown, "API-2 API-3": TestAPI2_API3_AllocationIsKeptAndWorkGoesOnLater, "ERR-10": TestERR10_RetriedEveryThirtyMinutes,
			"I4": TestC4_I4_EditWhileWritingIsNotLost, "INST-5": TestINST5_WhatTheUserCannotSeeIsNotSynced, "INST-10": TestINST10_INST11_ExplainNamesWhatStopsTheConnection,
			"LIM-1": TestLIM1_DealsFollowByTheFeeds, "LIM-26": TestLIM26_API4_HundredRecordsCostAHandfulOfCalls, "MAP-1": TestMAP1_TwoMappingsOfOneFieldAreAProblem,
			"SET-10": TestSET10_LIM9_MappingsOfAnObjectThatIsOffChangeNothing, "SUS-1": TestA2_SUS1_RevokedAccessStopsWithOneMessage, "TRIG-1": TestTRIG1_BothSidesAreCheckedAgainAndAgain,
		} {
			t.Run(name, test)
		}
	})
}
