-- A small database in the shape of OpenMRS 2.x, from public knowledge of its
-- data model; columns that say who changed what are left out but for a few.
-- All persons are invented.
CREATE TABLE person (person_id INT PRIMARY KEY, gender VARCHAR(50), birthdate DATE, birthdate_estimated TINYINT(1) NOT NULL DEFAULT 0, dead TINYINT(1) NOT NULL DEFAULT 0, death_date DATETIME, cause_of_death INT, creator INT, date_created DATETIME NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0, void_reason VARCHAR(255), uuid CHAR(38) NOT NULL);
CREATE TABLE person_name (person_name_id INT PRIMARY KEY, preferred TINYINT(1) NOT NULL DEFAULT 0, person_id INT NOT NULL, prefix VARCHAR(50), given_name VARCHAR(50), middle_name VARCHAR(50), family_name VARCHAR(50), family_name2 VARCHAR(50), date_created DATETIME NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0, uuid CHAR(38) NOT NULL);
CREATE TABLE person_address (person_address_id INT PRIMARY KEY, person_id INT, preferred TINYINT(1) NOT NULL DEFAULT 0, address1 VARCHAR(255), address2 VARCHAR(255), city_village VARCHAR(255), county_district VARCHAR(255), state_province VARCHAR(255), postal_code VARCHAR(50), country VARCHAR(50), voided TINYINT(1) NOT NULL DEFAULT 0, uuid CHAR(38) NOT NULL);
CREATE TABLE person_attribute_type (person_attribute_type_id INT PRIMARY KEY, name VARCHAR(50) NOT NULL, format VARCHAR(50), uuid CHAR(38) NOT NULL);
CREATE TABLE person_attribute (person_attribute_id INT PRIMARY KEY, person_id INT NOT NULL, value VARCHAR(50) NOT NULL, person_attribute_type_id INT NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0, uuid CHAR(38) NOT NULL);
CREATE TABLE patient (patient_id INT PRIMARY KEY, creator INT, date_created DATETIME NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0, void_reason VARCHAR(255), allergy_status VARCHAR(50) NOT NULL DEFAULT 'Unknown');
CREATE TABLE patient_identifier_type (patient_identifier_type_id INT PRIMARY KEY, name VARCHAR(50) NOT NULL, uuid CHAR(38) NOT NULL);
CREATE TABLE patient_identifier (patient_identifier_id INT PRIMARY KEY, patient_id INT NOT NULL, identifier VARCHAR(50) NOT NULL, identifier_type INT NOT NULL, preferred TINYINT(1) NOT NULL DEFAULT 0, location_id INT, voided TINYINT(1) NOT NULL DEFAULT 0, uuid CHAR(38) NOT NULL);
CREATE TABLE relationship (relationship_id INT PRIMARY KEY, person_a INT NOT NULL, relationship INT NOT NULL, person_b INT NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE concept (concept_id INT PRIMARY KEY, retired TINYINT(1) NOT NULL DEFAULT 0, datatype_id INT NOT NULL, class_id INT NOT NULL, uuid CHAR(38) NOT NULL);
CREATE TABLE concept_class (concept_class_id INT PRIMARY KEY, name VARCHAR(255) NOT NULL);
CREATE TABLE concept_datatype (concept_datatype_id INT PRIMARY KEY, name VARCHAR(255) NOT NULL);
CREATE TABLE concept_name (concept_name_id INT PRIMARY KEY, concept_id INT, name VARCHAR(255) NOT NULL, locale VARCHAR(50) NOT NULL, locale_preferred TINYINT(1) DEFAULT 0, concept_name_type VARCHAR(50), voided TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE concept_numeric (concept_id INT PRIMARY KEY, low_normal DOUBLE, hi_normal DOUBLE, units VARCHAR(50));
CREATE TABLE location (location_id INT PRIMARY KEY, name VARCHAR(255) NOT NULL, parent_location INT, retired TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE provider (provider_id INT PRIMARY KEY, person_id INT, name VARCHAR(255), identifier VARCHAR(255), retired TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE users (user_id INT PRIMARY KEY, username VARCHAR(50), person_id INT);
CREATE TABLE visit_type (visit_type_id INT PRIMARY KEY, name VARCHAR(255) NOT NULL);
CREATE TABLE visit (visit_id INT PRIMARY KEY, patient_id INT NOT NULL, visit_type_id INT NOT NULL, date_started DATETIME NOT NULL, date_stopped DATETIME, indication_concept_id INT, location_id INT, voided TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE encounter_type (encounter_type_id INT PRIMARY KEY, name VARCHAR(50) NOT NULL);
CREATE TABLE encounter (encounter_id INT PRIMARY KEY, encounter_type INT NOT NULL, patient_id INT NOT NULL, location_id INT, form_id INT, encounter_datetime DATETIME NOT NULL, visit_id INT, voided TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE encounter_provider (encounter_provider_id INT PRIMARY KEY, encounter_id INT NOT NULL, provider_id INT NOT NULL, encounter_role_id INT NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE obs (obs_id INT PRIMARY KEY, person_id INT NOT NULL, concept_id INT NOT NULL, encounter_id INT, order_id INT, obs_datetime DATETIME NOT NULL, location_id INT, obs_group_id INT, value_coded INT, value_drug INT, value_datetime DATETIME, value_numeric DOUBLE, value_text TEXT, comments VARCHAR(255), voided TINYINT(1) NOT NULL DEFAULT 0, uuid CHAR(38) NOT NULL, status VARCHAR(16) NOT NULL DEFAULT 'FINAL', interpretation VARCHAR(32));
CREATE TABLE drug (drug_id INT PRIMARY KEY, concept_id INT NOT NULL, name VARCHAR(255), strength VARCHAR(255), dosage_form INT, retired TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE order_type (order_type_id INT PRIMARY KEY, name VARCHAR(255) NOT NULL);
CREATE TABLE orders (order_id INT PRIMARY KEY, order_type_id INT NOT NULL, concept_id INT NOT NULL, orderer INT NOT NULL, encounter_id INT NOT NULL, instructions TEXT, date_activated DATETIME, auto_expire_date DATETIME, date_stopped DATETIME, voided TINYINT(1) NOT NULL DEFAULT 0, patient_id INT NOT NULL, order_number VARCHAR(50) NOT NULL, order_action VARCHAR(50) NOT NULL);
CREATE TABLE drug_order (order_id INT PRIMARY KEY, drug_inventory_id INT, dose DOUBLE, dose_units INT, frequency INT, quantity DOUBLE, quantity_units INT, route INT, duration INT, duration_units INT, dosing_instructions TEXT, drug_non_coded VARCHAR(255));
CREATE TABLE order_frequency (order_frequency_id INT PRIMARY KEY, concept_id INT NOT NULL, frequency_per_day DOUBLE);
CREATE TABLE allergy (allergy_id INT PRIMARY KEY, patient_id INT NOT NULL, severity_concept_id INT, coded_allergen INT NOT NULL, non_coded_allergen VARCHAR(255), allergen_type VARCHAR(50) NOT NULL, comments VARCHAR(1024), date_created DATETIME NOT NULL, voided TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE allergy_reaction (allergy_reaction_id INT PRIMARY KEY, allergy_id INT NOT NULL, reaction_concept_id INT NOT NULL, reaction_non_coded VARCHAR(255));
CREATE TABLE global_property (property VARCHAR(255) PRIMARY KEY, property_value TEXT);
CREATE TABLE liquibasechangelog (id VARCHAR(255) PRIMARY KEY, author VARCHAR(255), filename VARCHAR(255));
CREATE TABLE scheduler_task_config (task_config_id INT PRIMARY KEY, name VARCHAR(255));

INSERT INTO person VALUES
 (1,'F','1980-01-01',0,0,NULL,NULL,1,'2020-01-01 08:00:00',0,NULL,'p1'),
 (2,'M','1985-03-12',0,0,NULL,NULL,1,'2023-01-10 09:00:00',0,NULL,'p2'),
 (3,'F','1962-01-01',1,0,NULL,NULL,1,'2023-01-11 09:00:00',0,NULL,'p3'),
 (4,'M','2019-06-02',0,0,NULL,NULL,1,'2023-02-01 10:30:00',0,NULL,'p4'),
 (5,'F','1948-07-01',1,1,'2024-02-20 04:10:00',1107,1,'2023-02-03 11:00:00',0,NULL,'p5'),
 (6,'M','1990-09-09',0,0,NULL,NULL,1,'2023-03-03 11:00:00',1,'double','p6'),
 (7,'F','1958-02-02',0,0,NULL,NULL,1,'2023-02-01 10:31:00',0,NULL,'p7'),
 (8,NULL,NULL,0,0,NULL,NULL,1,'2023-04-01 10:00:00',0,NULL,'p8');
INSERT INTO person_name VALUES
 (1,1,1,'Dr','Karima',NULL,'BENNANI',NULL,'2020-01-01 08:00:00',0,'n1'),
 (2,0,2,NULL,'Mohammed',NULL,'ALAMI',NULL,'2023-01-10 09:00:00',0,'n2'),
 (3,1,2,NULL,'Mohamed',NULL,'EL ALAMI',NULL,'2023-05-10 09:00:00',0,'n3'),
 (4,1,3,NULL,'Fatima','Zahra','IDRISSI','TAZI','2023-01-11 09:00:00',0,'n4'),
 (5,1,3,NULL,'Wrong',NULL,'PERSON',NULL,'2023-01-11 09:01:00',1,'n5'),
 (6,1,4,NULL,'Youssef',NULL,'EL ALAMI',NULL,'2023-02-01 10:30:00',0,'n6'),
 (7,0,5,NULL,'Aicha',NULL,'CHERKAOUI',NULL,'2023-02-03 11:00:00',0,'n7'),
 (8,1,6,NULL,'Mohamed',NULL,'EL ALAMI',NULL,'2023-03-03 11:00:00',0,'n8'),
 (9,1,7,NULL,'Zineb',NULL,'FASSI',NULL,'2023-02-01 10:31:00',0,'n9'),
 (10,1,8,NULL,'Inconnu',NULL,'X',NULL,'2023-04-01 10:00:00',0,'n10');
INSERT INTO person_address VALUES
 (1,2,1,'12 rue des Orangers','Hay Salam','Khémisset','Khémisset','Rabat-Salé-Kénitra','15000','Maroc',0,'a1'),
 (2,2,0,'3 derb Lalla Aicha',NULL,'Rabat',NULL,NULL,NULL,'Maroc',0,'a2'),
 (3,3,1,'Douar Ait Ali',NULL,'Tiflet','Khémisset',NULL,NULL,'Maroc',0,'a3'),
 (4,7,1,'Hay Riad',NULL,'Rabat',NULL,NULL,NULL,'Maroc',0,'a4'),
 (5,3,0,'erreur',NULL,'erreur',NULL,NULL,NULL,NULL,1,'a5');
INSERT INTO person_attribute_type VALUES (8,'Telephone Number','java.lang.String','t8'),(9,'Mother''s Name','java.lang.String','t9'),(10,'Assurance','java.lang.String','t10'),(11,'Civil Status','org.openmrs.Concept','t11'),(12,'Nom en arabe','java.lang.String','t12');
INSERT INTO person_attribute VALUES
 (1,2,'0661 23 45 67',8,0,'pa1'),(2,2,'Zineb Fassi',9,0,'pa2'),(3,2,'123456789',10,0,'pa3'),(4,2,'محمد',12,0,'pa4'),
 (5,3,'06.62.34.56.78',8,0,'pa5'),(6,3,'0600000000',8,1,'pa6'),(7,3,'5555',11,0,'pa7'),(8,4,'0661234567',8,0,'pa8'),(9,7,'0537 11 22 33',8,0,'pa9');
INSERT INTO patient VALUES (2,1,'2023-01-10 09:00:00',0,NULL,'Unknown'),(3,1,'2023-01-11 09:00:00',0,NULL,'See list'),(4,1,'2023-02-01 10:30:00',0,NULL,'No known allergies'),(5,1,'2023-02-03 11:00:00',0,NULL,'Unknown'),(6,1,'2023-03-03 11:00:00',1,'double','Unknown'),(8,1,'2023-04-01 10:00:00',0,NULL,'Unknown');
INSERT INTO patient_identifier_type VALUES (3,'OpenMRS ID','i3'),(4,'CIN','i4'),(5,'Ancien numéro','i5');
INSERT INTO patient_identifier VALUES
 (1,2,'100GEJ',3,1,1,0,'pi1'),(2,2,'AB123456',4,0,1,0,'pi2'),(3,3,'100HFV',3,1,1,0,'pi3'),(4,3,'k 104567',4,0,1,0,'pi4'),
 (5,4,'100JWA',3,1,1,0,'pi5'),(6,4,'BK 654321',4,0,1,0,'pi6'),(7,5,'100K2T',3,1,1,0,'pi7'),(8,5,'SANS',4,0,1,0,'pi8'),
 (9,6,'100L8P',3,1,1,0,'pi9'),(10,8,'100M6A',3,1,1,0,'pi10'),(11,2,'9/1999',5,0,1,0,'pi11'),(12,3,'AB999999',4,0,1,1,'pi12');
INSERT INTO relationship VALUES (1,7,3,4,0);
INSERT INTO concept_class VALUES (1,'Test'),(3,'Drug'),(4,'Diagnosis'),(5,'Finding'),(7,'Question'),(8,'LabSet'),(11,'Misc');
INSERT INTO concept_datatype VALUES (1,'Numeric'),(2,'Coded'),(3,'Text'),(4,'N/A'),(8,'Datetime');
INSERT INTO concept VALUES
 (5085,0,1,7,'c5085'),(5086,0,1,7,'c5086'),(5087,0,1,7,'c5087'),(5088,0,1,7,'c5088'),(5089,0,1,7,'c5089'),(5090,0,1,7,'c5090'),
 (887,0,1,1,'c887'),(790,0,1,1,'c790'),(300,0,2,1,'c300'),(1284,0,2,7,'c1284'),(161602,0,3,7,'c161602'),(159947,0,4,11,'c159947'),(162169,0,3,7,'c162169'),
 (1107,0,4,11,'c1107'),(117399,0,4,4,'c117399'),(119481,0,4,4,'c119481'),(690,0,4,11,'c690'),(703,0,4,5,'c703'),(664,0,4,5,'c664'),
 (70116,0,4,3,'c70116'),(71617,0,4,3,'c71617'),(162384,0,4,3,'c162384'),(161553,0,4,11,'c161553'),(160240,0,4,11,'c160240'),(160858,0,4,11,'c160858'),(1513,0,4,11,'c1513'),(1072,0,4,11,'c1072'),(1500,0,4,11,'c1500'),(139084,0,4,5,'c139084'),(512,0,4,5,'c512');
INSERT INTO concept_name VALUES
 (1,5085,'Systolic blood pressure','en',1,'FULLY_SPECIFIED',0),(2,5085,'Pression artérielle systolique','fr',1,'FULLY_SPECIFIED',0),
 (3,5086,'Diastolic blood pressure','en',1,'FULLY_SPECIFIED',0),(4,5089,'Weight (kg)','en',1,'FULLY_SPECIFIED',0),(5,5089,'Poids (kg)','fr',1,'FULLY_SPECIFIED',0),(6,5089,'Poids','fr',0,'SHORT',0),
 (7,887,'Serum glucose (mg/dL)','en',1,'FULLY_SPECIFIED',0),(8,887,'Glycémie','fr',1,'FULLY_SPECIFIED',0),(9,790,'Créatinine','fr',1,'FULLY_SPECIFIED',0),
 (10,300,'Groupe sanguin','fr',1,'FULLY_SPECIFIED',0),(11,690,'A POSITIF','fr',1,'FULLY_SPECIFIED',0),(12,1284,'DIAGNOSTIC','fr',1,'FULLY_SPECIFIED',0),
 (13,117399,'Hypertension artérielle','fr',1,'FULLY_SPECIFIED',0),(14,119481,'Diabète','fr',1,'FULLY_SPECIFIED',0),(15,161602,'DIAGNOSTIC, NON CODÉ','fr',1,'FULLY_SPECIFIED',0),
 (16,159947,'DIAGNOSTIC, groupe','fr',1,'FULLY_SPECIFIED',0),(17,162169,'Observation','fr',1,'FULLY_SPECIFIED',0),(18,5088,'Température','fr',1,'FULLY_SPECIFIED',0),
 (19,70116,'Paracétamol','fr',1,'FULLY_SPECIFIED',0),(20,71617,'Amoxicilline','fr',1,'FULLY_SPECIFIED',0),(21,162384,'Pénicilline','fr',1,'FULLY_SPECIFIED',0),
 (22,161553,'mg','en',1,'FULLY_SPECIFIED',0),(23,160240,'Voie orale','fr',1,'FULLY_SPECIFIED',0),(24,160858,'Deux fois par jour','fr',1,'FULLY_SPECIFIED',0),(25,1513,'Comprimé','fr',1,'FULLY_SPECIFIED',0),(26,1072,'Jours','fr',1,'FULLY_SPECIFIED',0),
 (27,1500,'Sévère','fr',1,'FULLY_SPECIFIED',0),(28,139084,'Céphalée','fr',1,'FULLY_SPECIFIED',0),(29,512,'Éruption','fr',1,'FULLY_SPECIFIED',0),(30,703,'POSITIF','fr',1,'FULLY_SPECIFIED',0),(31,5087,'Pouls','fr',1,'FULLY_SPECIFIED',0),(32,5090,'Taille (cm)','fr',1,'FULLY_SPECIFIED',0),(33,1107,'Aucune','fr',1,'FULLY_SPECIFIED',0),(34,664,'NÉGATIF','fr',1,'FULLY_SPECIFIED',0),(35,887,'old name','fr',1,'FULLY_SPECIFIED',1);
INSERT INTO concept_numeric VALUES (5085,NULL,NULL,'mmHg'),(5086,NULL,NULL,'mmHg'),(5087,NULL,NULL,'beats/min'),(5088,NULL,NULL,'DEG C'),(5089,NULL,NULL,'kg'),(5090,NULL,NULL,'cm'),(887,70,110,'mg/dL'),(790,53,106,'umol/L');
INSERT INTO location VALUES (1,'Hôpital de Khémisset',NULL,0),(2,'Urgences',1,0),(3,'Médecine',1,0);
INSERT INTO provider VALUES (1,1,NULL,'MED-001',0),(2,NULL,'Dr Ancien','MED-002',1);
INSERT INTO users VALUES (1,'admin',1);
INSERT INTO visit_type VALUES (1,'Consultation externe'),(2,'Hospitalisation'),(3,'Urgence');
INSERT INTO visit VALUES (1,2,1,'2024-01-10 09:00:00','2024-01-10 11:00:00',NULL,1,0),(2,3,2,'2024-01-12 14:00:00','2024-01-18 10:00:00',NULL,3,0),(3,5,3,'2024-02-19 22:30:00',NULL,NULL,2,0),(4,2,1,'2024-03-01 09:00:00',NULL,NULL,1,1),(5,6,1,'2024-03-02 09:00:00',NULL,NULL,1,0);
INSERT INTO encounter_type VALUES (1,'Signes vitaux'),(2,'Consultation'),(3,'Laboratoire'),(4,'Admission');
INSERT INTO encounter VALUES (1,1,2,1,NULL,'2024-01-10 09:10:00',1,0),(2,2,2,1,NULL,'2024-01-10 09:30:00',1,0),(3,4,3,3,NULL,'2024-01-12 14:10:00',2,0),(4,3,3,3,NULL,'2024-01-13 08:00:00',2,0),(5,2,4,1,NULL,'2023-02-01 10:40:00',NULL,0),(6,2,2,1,NULL,'2024-03-01 09:10:00',4,1);
INSERT INTO encounter_provider VALUES (1,1,1,1,0),(2,2,1,1,0),(3,3,2,1,0);
INSERT INTO obs VALUES
 (1,2,5085,1,NULL,'2024-01-10 09:10:00',1,NULL,NULL,NULL,NULL,135,NULL,NULL,0,'o1','FINAL',NULL),
 (2,2,5086,1,NULL,'2024-01-10 09:10:00',1,NULL,NULL,NULL,NULL,85,NULL,NULL,0,'o2','FINAL',NULL),
 (3,2,5089,1,NULL,'2024-01-10 09:10:00',1,NULL,NULL,NULL,NULL,71.5,NULL,NULL,0,'o3','FINAL',NULL),
 (4,2,159947,2,NULL,'2024-01-10 09:30:00',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'o4','FINAL',NULL),
 (5,2,1284,2,NULL,'2024-01-10 09:30:00',1,4,117399,NULL,NULL,NULL,NULL,NULL,0,'o5','FINAL',NULL),
 (6,2,161602,2,NULL,'2024-01-10 09:30:00',1,NULL,NULL,NULL,NULL,NULL,'lombalgie banale',NULL,0,'o6','FINAL',NULL),
 (7,3,887,4,NULL,'2024-01-13 08:00:00',3,NULL,NULL,NULL,NULL,182,NULL,NULL,0,'o7','FINAL','HIGH'),
 (8,3,300,4,NULL,'2024-01-13 08:00:00',3,NULL,690,NULL,NULL,NULL,NULL,NULL,0,'o8','FINAL',NULL),
 (9,3,1284,3,NULL,'2024-01-12 14:10:00',3,NULL,119481,NULL,NULL,NULL,NULL,NULL,0,'o9','FINAL',NULL),
 (10,3,790,4,NULL,'2024-01-13 08:00:00',3,NULL,NULL,NULL,NULL,NULL,'hémolysé',NULL,0,'o10','PRELIMINARY',NULL),
 (11,3,887,4,NULL,'2024-01-13 07:00:00',3,NULL,NULL,NULL,NULL,999,NULL,NULL,1,'o11','FINAL',NULL),
 (12,4,162169,5,NULL,'2023-02-01 10:40:00',1,NULL,NULL,NULL,NULL,NULL,'enfant fébrile',NULL,0,'o12','FINAL',NULL),
 (13,4,5088,5,NULL,'2023-02-01 10:40:00',1,NULL,NULL,NULL,NULL,38.6,NULL,NULL,0,'o13','FINAL',NULL),
 (14,5,5087,NULL,NULL,'2024-02-19 22:35:00',2,NULL,NULL,NULL,NULL,112,NULL,NULL,0,'o14','FINAL',NULL);
INSERT INTO drug VALUES (1,70116,'Doliprane 500 mg cp','500 mg',1513,0),(2,71617,'Amoxicilline 1 g cp','1 g',1513,0);
INSERT INTO order_type VALUES (2,'Drug order'),(3,'Test order');
INSERT INTO orders VALUES
 (1,2,70116,1,2,NULL,'2024-01-10 09:35:00','2024-01-15 09:35:00',NULL,0,2,'ORD-1','NEW'),
 (2,2,71617,1,3,'avec de l''eau','2024-01-12 15:00:00',NULL,'2024-01-14 08:00:00',0,3,'ORD-2','NEW'),
 (3,3,887,1,3,NULL,'2024-01-12 15:00:00',NULL,NULL,0,3,'ORD-3','NEW'),
 (4,2,70116,1,6,NULL,'2024-03-01 09:20:00',NULL,NULL,1,2,'ORD-4','NEW');
INSERT INTO drug_order VALUES (1,1,500,161553,1,10,1513,160240,5,1072,NULL,NULL),(2,NULL,1000,161553,1,6,1513,160240,NULL,NULL,NULL,'Clamoxyl 1 g'),(4,1,500,161553,1,10,1513,160240,5,1072,NULL,NULL);
INSERT INTO order_frequency VALUES (1,160858,2);
INSERT INTO allergy VALUES (1,3,1500,162384,NULL,'DRUG','depuis l''enfance','2023-01-11 09:05:00',0),(2,5,NULL,162384,NULL,'DRUG',NULL,'2023-02-03 11:05:00',1);
INSERT INTO allergy_reaction VALUES (1,1,512,NULL),(2,1,139084,NULL);
INSERT INTO global_property VALUES ('default_locale','fr');
INSERT INTO liquibasechangelog VALUES ('1','x','liquibase.xml');
INSERT INTO scheduler_task_config VALUES (1,'Auto Close Visits');
