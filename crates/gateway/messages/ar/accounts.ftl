# People: accounts, sessions, teams.
