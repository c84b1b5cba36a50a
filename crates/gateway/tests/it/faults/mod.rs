//! The database fails: its disk is full or refuses to be written, its server is started again, replaced, or stands still. Nothing that was
//! acknowledged is lost, nothing is done that was refused, and it goes on by itself.

mod disk;
mod server;
