@echo off
rem Exports every table of a database of {{.Source}} into files that sihctl reads.
rem Usage: export.cmd SERVER DATABASE [FOLDER], on a machine with sqlcmd and bcp,
rem which come with the server, as a Windows user who may read the database. For
rem another login, write -U NAME in place of -T and -E below: each call asks for
rem the password then.
setlocal
if "%~2"=="" goto :usage
set "SERVER=%~1"
set "DATABASE=%~2"
set "OUT=%~3"
if "%OUT%"=="" set "OUT=%~dp0out"
set "BCPLOGIN=-T"
set "SQLLOGIN=-E"
if not exist "%OUT%" mkdir "%OUT%"
sqlcmd -S "%SERVER%" -d "%DATABASE%" %SQLLOGIN% -b -h -1 -W -w 65535 -i "%~dp0tables.sql" -o "%OUT%\tables.cmd" || goto :failed
call "%OUT%\tables.cmd" || goto :failed
echo done: "%OUT%"
exit /b 0

:failed
echo FAILED: what ends in .part or is missing was not read. Run it again.
exit /b 1

:usage
echo usage: export.cmd SERVER DATABASE [FOLDER]
exit /b 4
