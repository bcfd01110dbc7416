// Package timeline is the room of what people did in HubSpot that is no record there:
// marketing e-mail that was sent, opened and clicked, forms, events. It becomes at most
// one Salesforce task each, of the lead or contact that the person is linked with. The
// room may know the feeds, the happenings as stored, and links as they are read; it makes
// nobody and changes no link, and it never touches a task again that it has made.
//
// A happening is stored once, by a key, before its cursor moves. Its row says that the
// task is sent before the call and what came of it after; where no answer came, the task
// is looked for by the key before anything is sent again.
package timeline
