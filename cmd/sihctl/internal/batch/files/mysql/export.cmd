@echo off
rem Exports every table of a database of {{.Source}} into files that sihctl reads.
rem Usage: export.cmd DATABASE [FOLDER]. Write the login into login.cnf first.
rem mysql.exe must be on the PATH, or in the variable MYSQL.
setlocal
if "%~1"=="" goto :usage
set "HERE=%~dp0"
set "DATABASE=%~1"
set "OUT=%~2"
if "%OUT%"=="" set "OUT=%HERE%out"
if "%MYSQL%"=="" set "MYSQL=mysql"
set "READ="%MYSQL%" "--defaults-extra-file=%HERE%login.cnf" --batch --raw --quick --skip-column-names --skip-reconnect --max-allowed-packet=1073741824"
if not exist "%OUT%" mkdir "%OUT%"
%READ% "%DATABASE%" < "%HERE%tables.sql" > "%OUT%\tables.lst" || goto :failed
for /f "usebackq tokens=1,2" %%a in ("%OUT%\tables.lst") do (
  call :table %%a "%%b" || goto :failed
)
echo done: "%OUT%"
exit /b 0

:table
echo %~2
%READ% "--init-command=SET @t=0x%1" "%DATABASE%" < "%HERE%table.sql" > "%OUT%\%~2.part" || exit /b 1
move /y "%OUT%\%~2.part" "%OUT%\%~2.txt" > nul
exit /b

:failed
echo FAILED: what ends in .part or is missing was not read. Run it again.
exit /b 1

:usage
echo usage: export.cmd DATABASE [FOLDER]
exit /b 4
