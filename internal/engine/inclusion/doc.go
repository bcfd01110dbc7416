// Package inclusion is the room of the inclusion lists: who is in one, who joined and who
// left. It may know the lists, their members as stored and as HubSpot tells them, and the
// settings of a connection. It makes due who joined or left and never looks at what
// becomes of them; it deletes nothing, and leaves stopping the connection to the engine.
package inclusion
