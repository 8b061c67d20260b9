import java.io.File;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.obolibrary.robot.CatalogXmlIRIMapper;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.formats.TurtleDocumentFormat;
import org.semanticweb.owlapi.io.OWLOntologyLoaderMetaData;
import org.semanticweb.owlapi.io.RDFParserMetaData;
import org.semanticweb.owlapi.model.*;
import org.semanticweb.owlapi.model.parameters.Imports;
import org.semanticweb.owlapi.vocab.OWL2Datatype;
import org.semanticweb.owlapi.vocab.OWLRDFVocabulary;
import org.semanticweb.owlapi.vocab.SKOSVocabulary;

/**
 * Does to CTRES what Protégé does: loads a file and its imports through the catalog, may edit, saves every module as Turtle.
 *
 * Arguments: "read", "save" or "edit", the folder of the ontology, and the file in it to open.
 * Prints lines of columns with tabs between them: "axioms", module, type of axiom, number; and "problem", what was read wrongly.
 */
public class RoundTrip {
    static final String BASE = "https://w3id.org/ctres/";

    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[1]);
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        manager.getIRIMappers().add(new CatalogXmlIRIMapper(new File(folder, "catalog-v001.xml")));
        // The loader's repair of what it has guessed wrongly would hide a module that does not import what it needs.
        manager.setOntologyLoaderConfiguration(manager.getOntologyLoaderConfiguration().setRepairIllegalPunnings(false));
        OWLOntology opened = manager.loadOntologyFromOntologyDocument(new File(folder, arguments[2]));
        report(manager, opened);
        if (arguments[0].equals("edit")) edit(manager);
        if (!arguments[0].equals("read")) save(manager);
    }

    static void report(OWLOntologyManager manager, OWLOntology opened) {
        for (OWLOntology module : manager.getOntologies()) {
            Map<String, Integer> numbers = new TreeMap<>();
            for (OWLAxiom axiom : module.getAxioms()) numbers.merge(axiom.getAxiomType().getName(), 1, Integer::sum);
            String name = module.getOntologyID().getOntologyIRI().get().toString();
            numbers.forEach((type, number) -> System.out.println("axioms\t" + name + "\t" + type + "\t" + number));

            Set<String> problems = new TreeSet<>();
            for (OWLEntity entity : module.getSignature(Imports.EXCLUDED)) {
                if (!entity.isBuiltIn() && !module.isDeclared(entity, Imports.INCLUDED))
                    problems.add(entity + " is not declared as " + entity.getEntityType().getPrintName());
                if (opened.getEntitiesInSignature(entity.getIRI(), Imports.INCLUDED).size() > 1)
                    problems.add(entity + " is read as more than one kind of entity");
            }
            OWLOntologyLoaderMetaData parsed = manager.getOntologyFormat(module).getOntologyLoaderMetaData();
            RDFParserMetaData triples = (RDFParserMetaData) parsed;
            triples.getUnparsedTriples().forEach(triple -> problems.add("not understood: " + triple));
            triples.getGuessedDeclarations().keySet().forEach(iri -> problems.add(iri + " has a guessed declaration"));
            problems.forEach(problem -> System.out.println("problem\t" + name + ": " + problem));
        }
    }

    /** Changes the definitions of doxorubicin and of anti-inflammatory drugs, and adds a finding, each in its module. */
    static void edit(OWLOntologyManager manager) {
        OWLDataFactory factory = manager.getOWLDataFactory();
        OWLOntology therapies = manager.getOntology(IRI.create(BASE + "module/therapies"));
        OWLAnnotationProperty definition = factory.getOWLAnnotationProperty(SKOSVocabulary.DEFINITION.getIRI());
        IRI doxorubicin = IRI.create(BASE + "doxorubicin");
        for (OWLAnnotationAssertionAxiom axiom : therapies.getAnnotationAssertionAxioms(doxorubicin))
            if (axiom.getProperty().equals(definition)) manager.applyChange(new RemoveAxiom(therapies, axiom));
        OWLLiteral text = factory.getOWLLiteral("Doxorubicin is a \"red\" anthracycline (C27H29NO11 \\ β-form).", "en");
        manager.applyChange(new AddAxiom(therapies, factory.getOWLAnnotationAssertionAxiom(definition, doxorubicin, text)));

        OWLClass drug = factory.getOWLClass(IRI.create(BASE + "AntiInflammatoryDrug"));
        OWLClassExpression promotesDeath = factory.getOWLObjectSomeValuesFrom(
            factory.getOWLObjectProperty(IRI.create(BASE + "promotes")), factory.getOWLClass(IRI.create(BASE + "CellDeath")));
        for (OWLEquivalentClassesAxiom axiom : therapies.getEquivalentClassesAxioms(drug)) {
            Set<OWLClassExpression> parts = new TreeSet<>(axiom.getClassExpressionsMinus(drug).iterator().next().asConjunctSet());
            parts.add(promotesDeath);
            manager.applyChange(new RemoveAxiom(therapies, axiom));
            manager.applyChange(new AddAxiom(therapies, factory.getOWLEquivalentClassesAxiom(
                drug, factory.getOWLObjectIntersectionOf(parts))));
        }

        OWLOntology findings = manager.getOntology(IRI.create(BASE + "module/findings/ankathil2019"));
        OWLNamedIndividual finding = factory.getOWLNamedIndividual(IRI.create(BASE + "ankathil2019-9999"));
        OWLAnnotationProperty label = factory.getOWLAnnotationProperty(OWLRDFVocabulary.RDFS_LABEL.getIRI());
        manager.addAxiom(findings, factory.getOWLDeclarationAxiom(finding));
        manager.addAxiom(findings, factory.getOWLClassAssertionAxiom(factory.getOWLClass(IRI.create(BASE + "Finding")), finding));
        manager.addAxiom(findings, factory.getOWLAnnotationAssertionAxiom(
            label, finding.getIRI(), factory.getOWLLiteral("miR-21 makes \"MCF-7\" cells resist doxorubicin", "en")));
        String[][] links = {
            {"agent", "miR21"}, {"induces", "doxorubicinResistance"}, {"via", "PTEN"}, {"model", "MCF7"},
            {"cancer", "breastCancer"}, {"certainty", "demonstrated"}, {"source", "ankathil2019"},
        };
        for (String[] link : links)
            manager.addAxiom(findings, factory.getOWLObjectPropertyAssertionAxiom(
                factory.getOWLObjectProperty(IRI.create(BASE + link[0])), finding,
                factory.getOWLNamedIndividual(IRI.create(BASE + link[1]))));
        OWLDataProperty section = factory.getOWLDataProperty(IRI.create(BASE + "section"));
        OWLDataProperty sentence = factory.getOWLDataProperty(IRI.create(BASE + "sentence"));
        manager.addAxiom(findings, factory.getOWLDataPropertyAssertionAxiom(section, finding, "MicroRNAs in chemoresistance"));
        for (String number : new String[] {"10", "7"})
            manager.addAxiom(findings, factory.getOWLDataPropertyAssertionAxiom(
                sentence, finding, factory.getOWLLiteral(number, OWL2Datatype.XSD_INTEGER)));
    }

    /** Protégé, too, saves with the OWL API's own Turtle writer, whichever parser has read the file. */
    static void save(OWLOntologyManager manager) throws OWLOntologyStorageException {
        for (OWLOntology module : manager.getOntologies()) {
            TurtleDocumentFormat format = new TurtleDocumentFormat();
            format.copyPrefixesFrom(manager.getOntologyFormat(module).asPrefixOWLOntologyFormat());
            manager.saveOntology(module, format);
        }
    }
}
